#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <future>
#include <thread>

#include "container/base/bean_registry.h"

namespace serval {
namespace {

class Lamp {
 public:
  struct Options {
    int watts = 40;
    bool on = false;
    std::string secret_code = "x";
  };
  static std::span<const Attribute<Options>> attributes() {
    static const std::array table{
        attribute("watts", &Options::watts, "power"),
        attribute("on", &Options::on, "gives light"),
        secret(attribute("secretCode", &Options::secret_code, "nobody's business")),
    };
    return table;
  }
  LiveOptions<Options>& live_options() { return options_; }
  const LiveOptions<Options>& live_options() const { return options_; }
  int switched = 0;

  static const BeanTable<Lamp>& table() {
    static const auto table = BeanTable<Lamp>{"demo.Lamp", {}, {}}
                                  .options()
                                  .read("switched", [](const Lamp& l) { return l.switched; })
                                  .run("toggle", [](Lamp& l) { ++l.switched; });
    return table;
  }

 private:
  LiveOptions<Options> options_{Options()};
};

ObjectName name(std::string_view text) { return *ObjectName::parse(text); }

TEST(Bean, ShowsTheOptionsOfAnElementWithoutItsSecrets) {
  Lamp lamp;
  const auto bean = make_bean(lamp, Lamp::table(), "Lamp[1]");
  std::vector<std::string> shown;
  for (const auto& a : bean->attributes()) {
    shown.push_back(std::string(a.name) + ":" + std::string(a.type) + (a.writable ? "" : " r"));
  }
  EXPECT_EQ(shown, (std::vector<std::string>{"watts:int", "on:boolean", "switched:int r"}));
  EXPECT_EQ(bean->get("watts"), BeanValue(std::int64_t{40}));
}

TEST(Bean, ASetterChangesTheOptionsOrSaysWhyNot) {
  Lamp lamp;
  const auto bean = make_bean(lamp, Lamp::table(), "Lamp[1]");
  ASSERT_TRUE(bean->set("on", "TRUE"));
  EXPECT_TRUE(lamp.live_options()->on);
  EXPECT_FALSE(bean->set("watts", "many"));
  EXPECT_EQ(lamp.live_options()->watts, 40);
}

TEST(Bean, AnOldVersionOfTheOptionsStaysValid) {
  Lamp lamp;
  const Lamp::Options& before = *lamp.live_options();
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(lamp.live_options().change(Lamp::attributes()[0], std::to_string(i)));
  }
  EXPECT_EQ(before.watts, 40);
  EXPECT_EQ(lamp.live_options()->watts, 99);
}

TEST(Bean, OperationsAreFoundByNameAndNumberOfArguments) {
  Lamp lamp;
  const auto bean = make_bean(lamp, Lamp::table(), "Lamp[1]");
  EXPECT_TRUE(bean->has_operation("toggle", 0));
  EXPECT_FALSE(bean->has_operation("toggle", 1));
  ASSERT_TRUE(bean->invoke("toggle", {}));
  EXPECT_EQ(lamp.switched, 1);
}

TEST(BeanRegistry, FindsByNamePatternAndOrderOfKeys) {
  Lamp lamp;
  BeanRegistry beans;
  const auto a = beans.add(name("C:type=Lamp,room=1"), make_bean(lamp, Lamp::table(), "1"));
  const auto b = beans.add(name("C:type=Lamp,room=2"), make_bean(lamp, Lamp::table(), "2"));
  std::string used;
  EXPECT_TRUE(
      beans.use(name("C:room=1,type=Lamp"), [&](const ObjectName& n, Bean&) { used = n.text(); }));
  EXPECT_EQ(used, "C:type=Lamp,room=1");
  EXPECT_FALSE(beans.use(name("C:type=Lamp,room=3"), [](auto&, auto&) { FAIL(); }));
  EXPECT_FALSE(beans.use(name("C:type=Lamp,*"), [](auto&, auto&) { FAIL(); }));
  EXPECT_EQ(beans.names(name("C:type=Lamp,*")).size(), 2U);
}

TEST(BeanRegistry, ARegistrationEndsWithItsObject) {
  Lamp lamp;
  BeanRegistry beans;
  {
    const auto shown = beans.add(name("C:a=1"), make_bean(lamp, Lamp::table(), "1"));
    EXPECT_EQ(beans.names(name("*:*")).size(), 1U);
  }
  EXPECT_TRUE(beans.names(name("*:*")).empty());
}

TEST(BeanRegistry, ALaterBeanOfTheSameNameTakesThePlace) {
  Lamp one, two;
  two.switched = 2;
  BeanRegistry beans;
  auto first = beans.add(name("C:a=1"), make_bean(one, Lamp::table(), "1"));
  const auto second = beans.add(name("C:a=1"), make_bean(two, Lamp::table(), "2"));
  first.end();
  BeanValue seen;
  EXPECT_TRUE(beans.use(name("C:a=1"), [&](auto&, Bean& b) { seen = b.get("switched"); }));
  EXPECT_EQ(seen, BeanValue(std::int64_t{2}));
}

TEST(BeanRegistry, TheEndOfARegistrationWaitsForThoseWhoUseTheBean) {
  Lamp lamp;
  BeanRegistry beans;
  auto shown = beans.add(name("C:a=1"), make_bean(lamp, Lamp::table(), "1"));
  std::promise<void> inside, leave;
  std::thread user([&] {
    beans.use(name("C:a=1"), [&](auto&, auto&) {
      inside.set_value();
      leave.get_future().wait();
    });
  });
  inside.get_future().wait();
  auto ended = std::async(std::launch::async, [&] { shown.end(); });
  while (!beans.names(name("*:*")).empty()) std::this_thread::yield();  // out of the table already
  EXPECT_EQ(ended.wait_for(std::chrono::milliseconds(0)), std::future_status::timeout);
  leave.set_value();
  ended.get();
  user.join();
}

}  // namespace
}  // namespace serval
