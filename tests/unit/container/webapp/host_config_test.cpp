#include "container/webapp/host_config.h"

#include "tests/unit/container/webapp/deployment.h"

namespace serval::core {
namespace {

using namespace std::chrono_literals;

class HostConfigTest : public test::Deployment {};

TEST_F(HostConfigTest, DeploysDirectoriesAndWarsUnderTheirNames) {
  put_directory("ROOT", "root");
  put_directory("foo", "foo");
  put_directory("foo#bar", "nested");
  put_directory("dots.in.name", "dots");
  put_directory("named.xml", "directory");
  put_war("shop.war", "shop");
  put_war("v##1.war", "one");
  put_war("v##2.war", "two");
  put_war("a#b##01.WAR", "upper");
  put("webapps/file.txt", "no application");
  start();
  EXPECT_EQ(get("/"), "200 root");
  EXPECT_EQ(get("/foo/"), "200 foo");
  EXPECT_EQ(get("/foo/bar/"), "200 nested");
  EXPECT_EQ(get("/dots.in.name/"), "200 dots");
  EXPECT_EQ(get("/named.xml/"), "200 directory") << "only a file has an extension to drop";
  EXPECT_EQ(get("/shop/"), "200 shop");
  EXPECT_TRUE(is_there("webapps/shop/META-INF/war-tracking"));
  EXPECT_EQ(get("/v/"), "200 two") << "the newest version";
  EXPECT_TRUE(config->is_deployed("/v##1"));
  EXPECT_EQ(get("/a/b/"), "200 upper");
  EXPECT_EQ(get("/foo"), "302 ");
  EXPECT_TRUE(log.contains("Deploying web application archive [" +
                           (dir / "webapps/shop.war").string() + "]"));
  EXPECT_TRUE(log.contains("Deployment of web application directory [" +
                           (dir / "webapps/foo").string() + "] has finished in ["));
}

TEST_F(HostConfigTest, PassesOverWhatIsNoApplication) {
  put("webapps/META-INF/x.txt", "x");
  put("webapps/web-inf/x.txt", "x");
  put_directory("ignored.old", "old");
  put_war("a#..#..#b.war", "evil");
  put_war("ROOT#x.war", "evil");
  host_options.deploy_ignore = ".*\\.old";
  start();
  EXPECT_EQ(get("/META-INF/x.txt").substr(0, 3), "404");
  EXPECT_EQ(get("/ignored.old/"), "404 ");
  EXPECT_EQ(get("/ROOT/x/"), "404 ");
  EXPECT_TRUE(
      log.contains("The war name [a#..#..#b.war] is invalid. The archive will be ignored."));
  EXPECT_TRUE(log.contains("The war name [ROOT#x.war] is invalid."));
  tick();
  EXPECT_EQ(log.count("[ROOT#x.war] is invalid"), 1u) << "said once";
}

TEST_F(HostConfigTest, DeploysAtATickWhatIsNewAndOldEnough) {
  start();
  put_directory("new", "new");
  tick();
  EXPECT_EQ(get("/new/"), "200 new");
  const auto young = put_war("young.war", "young");
  std::filesystem::last_write_time(young,
                                   std::filesystem::file_time_type::clock::from_sys(
                                       std::chrono::sys_time<std::chrono::milliseconds>(
                                           std::chrono::milliseconds(clock.wall_ms() - 500))));
  tick();
  EXPECT_EQ(get("/young/"), "404 ") << "it may still be written";
  clock.advance(1s);
  tick();
  EXPECT_EQ(get("/young/"), "200 young");
}

TEST_F(HostConfigTest, DoesNothingThatItIsNotToldTo) {
  host_options.auto_deploy = host_options.deploy_on_startup = false;
  put_directory("app", "app");
  start();
  EXPECT_EQ(get("/app/"), "404 ");
  tick();
  EXPECT_EQ(get("/app/"), "404 ");
  config->check("/app");
  EXPECT_EQ(get("/app/"), "200 app") << "the manager and the farm may ask for it";
}

TEST_F(HostConfigTest, RedeploysAWarThatChanged) {
  put_war("shop.war", "one", {{"old.txt", "old"}});
  start();
  EXPECT_EQ(get("/shop/old.txt"), "200 old");
  put_war("shop.war", "two");
  tick();
  EXPECT_EQ(get("/shop/"), "200 two");
  EXPECT_EQ(get("/shop/old.txt"), "404 ") << "the old directory is gone";
  tick();
  EXPECT_EQ(log.count("Undeploying context [/shop]"), 1u) << "and all is quiet again";
}

TEST_F(HostConfigTest, RedeploysAWarThatChangedWhileTheServerWasDown) {
  put_war("shop.war", "one");
  start();
  service->service.stop();
  put_war("shop.war", "two");
  start();
  EXPECT_EQ(get("/shop/"), "200 two");
  EXPECT_TRUE(log.contains("did not match the associated WAR. It will be deleted."));
}

TEST_F(HostConfigTest, UndeploysWhatWasRemovedWithWhatCameFromIt) {
  put_war("shop.war", "shop");
  put_directory("dir", "dir");
  start();
  remove("webapps/shop.war");
  remove("webapps/dir");
  tick();
  EXPECT_EQ(get("/shop/"), "404 ");
  EXPECT_FALSE(is_there("webapps/shop"));
  EXPECT_EQ(get("/dir/"), "404 ");
  EXPECT_FALSE(config->is_deployed("/shop"));
}

TEST_F(HostConfigTest, MakesTheDirectoryOfAWarAnewWhenItWasRemoved) {
  put_war("shop.war", "shop");
  start();
  remove("webapps/shop");
  tick();
  EXPECT_TRUE(is_there("webapps/shop.war"));
  EXPECT_EQ(get("/shop/"), "200 shop");
}

TEST_F(HostConfigTest, ReplacesADirectoryByAWarOfItsName) {
  put_directory("shop", "directory");
  start();
  put_war("shop.war", "war");
  tick();
  EXPECT_EQ(get("/shop/"), "200 war");
}

TEST_F(HostConfigTest, ReloadsWhenAWatchedResourceChanges) {
  put_directory("app", "one");
  start();
  const auto* const before = context("/app");
  put("webapps/app/index.txt", "two");
  tick();
  EXPECT_FALSE(log.contains("Reloading context")) << "a page is no reason";
  put("webapps/app/WEB-INF/web.xml",
      "<web-app><welcome-file-list><welcome-file>other.txt</welcome-file></welcome-file-list>"
      "</web-app>");
  put("webapps/app/other.txt", "other");
  tick();
  EXPECT_EQ(get("/app/"), "200 other");
  EXPECT_EQ(context("/app"), before) << "the same context, started again";
  tick();
  EXPECT_EQ(log.count("Reloading context [/app]"), 1u);
}

TEST_F(HostConfigTest, StartsAnApplicationWhoseMistakeWasMended) {
  put_directory("bad", "page", "<web-app><broken>");
  put_directory("good", "good");
  start();
  EXPECT_EQ(get("/bad/"), "404 ");
  EXPECT_EQ(get("/good/"), "200 good") << "the others go on";
  EXPECT_TRUE(log.contains("Marking this application unavailable due to previous error(s)"));
  tick();
  EXPECT_EQ(get("/bad/"), "404 ");
  put("webapps/bad/WEB-INF/web.xml", "<web-app/>");
  tick();
  EXPECT_EQ(get("/bad/"), "200 page");
}

TEST_F(HostConfigTest, SaysOnceWhatIsWrongWithAWarAndTriesItsNextVersion) {
  put("webapps/bad.war", "this is no archive");
  start();
  tick();
  EXPECT_EQ(log.count("Error deploying web application archive"), 1u);
  EXPECT_FALSE(is_there("webapps/bad"));
  put_war("bad.war", "good");
  tick();
  EXPECT_EQ(get("/bad/"), "200 good");
}

TEST_F(HostConfigTest, DeploysADescriptorWithFilesFromElsewhere) {
  put("elsewhere/index.txt", "outside");
  put("conf/Catalina/localhost/out#side.xml",
      "<Context docBase=\"" + (dir / "elsewhere").string() + "\" path=\"/wrong\"/>");
  start();
  EXPECT_EQ(get("/out/side/"), "200 outside");
  EXPECT_EQ(get("/wrong/"), "404 ");
  EXPECT_TRUE(log.contains("The path attribute with value [/wrong] in deployment descriptor ["));
  remove("conf/Catalina/localhost/out#side.xml");
  tick();
  EXPECT_EQ(get("/out/side/"), "404 ");
  EXPECT_TRUE(is_there("elsewhere/index.txt")) << "not the host's to delete";
}

TEST_F(HostConfigTest, ReloadsADescriptorsWarThatChanged) {
  put_war("shop.war", "one");
  put("conf/Catalina/localhost/shop.xml", "<Context/>");
  start();
  EXPECT_EQ(get("/shop/"), "200 one");
  put_war("shop.war", "two");
  tick();
  EXPECT_EQ(get("/shop/"), "200 two");
  EXPECT_TRUE(log.contains("Reloading context [/shop]"));
  EXPECT_TRUE(is_there("conf/Catalina/localhost/shop.xml"));
  tick();
  EXPECT_EQ(log.count("Reloading context [/shop]"), 1u);
}

TEST_F(HostConfigTest, RedeploysWhenADescriptorChanges) {
  put_directory("app", "page");
  put("conf/Catalina/localhost/app.xml", "<Context sessionCookieName=\"ONE\"/>");
  start();
  EXPECT_EQ(context("/app")->session_cookie().name, "ONE");
  put("conf/Catalina/localhost/app.xml", "<Context sessionCookieName=\"TWO\"/>");
  tick();
  EXPECT_EQ(context("/app")->session_cookie().name, "TWO");
  EXPECT_EQ(get("/app/"), "200 page");
}

TEST_F(HostConfigTest, RedeploysEverythingWhenTheDefaultContextChanges) {
  put_directory("app", "page");
  put_war("shop.war", "shop");
  start();
  put("conf/context.xml", "<Context sessionCookieName=\"ALL\"/>");
  tick();
  EXPECT_EQ(get("/app/"), "200 page");
  EXPECT_EQ(get("/shop/"), "200 shop");
  EXPECT_EQ(context("/app")->session_cookie().name, "ALL");
  EXPECT_EQ(context("/shop")->session_cookie().name, "ALL");
  EXPECT_TRUE(is_there("conf/context.xml"));
  EXPECT_TRUE(is_there("webapps/shop.war"));
}

TEST_F(HostConfigTest, IgnoresADocBaseInsideAppBase) {
  put_directory("app", "right");
  put_directory("other", "wrong");
  put("conf/Catalina/localhost/app.xml", "<Context docBase=\"other\"/>");
  start();
  EXPECT_EQ(get("/app/"), "200 right");
  EXPECT_TRUE(log.contains("inside the host appBase has been specified, and will be ignored"));
}

TEST_F(HostConfigTest, DoesNotDeployADescriptorOfTheApplicationWhenForbidden) {
  host_options.deploy_xml = false;
  put_directory("app", "page");
  put("webapps/app/META-INF/context.xml", "<Context/>");
  put_war("shop.war", "shop", {{"META-INF/context.xml", "<Context/>"}});
  start();
  EXPECT_EQ(get("/app/"), "404 ");
  EXPECT_EQ(get("/shop/"), "404 ");
  EXPECT_EQ(log.count("processing of deployment descriptors is prevented by the deployXML"), 2u)
      << log.text();
}

TEST_F(HostConfigTest, LeavesAWarPackedWhenToldSo) {
  host_options.unpack_wars = false;
  put_war("shop.war", "one");
  start();
  EXPECT_EQ(get("/shop/"), "200 one");
  EXPECT_FALSE(is_there("webapps/shop"));
  put_war("shop.war", "two");
  tick();
  EXPECT_EQ(get("/shop/"), "200 two");
}

TEST_F(HostConfigTest, UndeploysAnOldVersionWithoutSessions) {
  host_options.undeploy_old_versions = true;
  put_war("v##1.war", "one");
  start();
  auto& sessions = *context("/v##1")->manager();
  test::Exchange with_session("/v/");
  service->run(with_session);
  const auto session = with_session.request.internal_session(true);
  ASSERT_TRUE(session);
  const std::string id(session->id());
  put_war("v##2.war", "two");
  tick();
  EXPECT_EQ(get("/v/"), "200 two");
  EXPECT_EQ(get("/v/", {{"Cookie", "JSESSIONID=" + id}}), "200 one") << "until the session ends";
  tick();
  EXPECT_TRUE(config->is_deployed("/v##1"));
  sessions.find_session(id)->invalidate();
  tick();
  EXPECT_FALSE(config->is_deployed("/v##1"));
  EXPECT_FALSE(is_there("webapps/v##1.war"));
  EXPECT_EQ(get("/v/"), "200 two");
}

TEST_F(HostConfigTest, UndeployTakesAwayAllFiles) {
  put_war("shop.war", "shop");
  start();
  ASSERT_TRUE(config->try_add_serviced("/shop"));
  EXPECT_FALSE(config->try_add_serviced("/shop")) << "one at a time";
  config->undeploy("/shop");
  config->remove_serviced("/shop");
  EXPECT_EQ(get("/shop/"), "404 ");
  EXPECT_FALSE(is_there("webapps/shop.war"));
  EXPECT_FALSE(is_there("webapps/shop"));
}

TEST_F(HostConfigTest, LeavesAloneWhatSomebodyElseWorksOn) {
  start();
  put_war("shop.war", "shop");
  ASSERT_TRUE(config->try_add_serviced("/shop"));
  tick();
  EXPECT_EQ(get("/shop/"), "404 ");
  config->check("/shop");
  EXPECT_EQ(get("/shop/"), "404 ");
  config->remove_serviced("/shop");
  tick();
  EXPECT_EQ(get("/shop/"), "200 shop");
}

TEST_F(HostConfigTest, SaysThatAppBaseIsMissing) {
  host_options.create_dirs = false;
  start();
  EXPECT_TRUE(log.contains("does not exist or is not a directory"));
  put_directory("app", "app");
  tick();
  EXPECT_EQ(get("/app/"), "404 ");
}

}  // namespace
}  // namespace serval::core
