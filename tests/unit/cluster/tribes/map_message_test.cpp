#include "cluster/tribes/tipis/map_message.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <numeric>

#include "cluster/tribes/group/rpc_message.h"
#include "cluster/tribes/membership/member_object.h"
#include "cluster/tribes/serval_peer.h"
#include "cluster/tribes/tipis/map_stream.h"
#include "cluster/tribes/tipis/replicated_map.h"
#include "container/serialization/object_writer.h"
#include "tests/support/vector_file.h"

namespace serval::tribes {
namespace {

using serval::testing::from_hex;
using serval::testing::to_hex;
using serval::testing::vector_of;
using Type = MapMessage::Type;

constexpr std::int64_t kTomcat9 = 3323947316117794076, kTomcat10 = -8901659902996040089;

Bytes bytes_of(std::string_view chars) { return {chars.begin(), chars.end()}; }

/// The members of the vectors: port 4000 has the id 01..10, port 4001 11..20, port 4002 21..30.
MemberPtr vector_member(int port) {
  Member member;
  member.host = {127, 0, 0, 1};
  member.port = port;
  member.alive_ms = 1000;
  std::iota(member.id.begin(), member.id.end(), static_cast<std::uint8_t>((port - 4000) * 16 + 1));
  return std::make_shared<const Member>(member);
}

Bytes object_stream(const Value& value) {
  ObjectWriter writer;
  EXPECT_TRUE(writer.write_object(value));
  return writer.finish();
}

MapMessage about(Type type, std::optional<std::string_view> key, bool nodes) {
  MapMessage message;
  message.type = type;
  message.map_id = bytes_of("Catalina-Cluster-map");
  if (key) message.key = map_key(*key);
  message.primary = vector_member(4000);
  if (nodes) message.nodes = Members{vector_member(4001)};
  return message;
}

MapMessage with_value(MapMessage message, const Value& value) {
  message.value = object_stream(value);
  return message;
}

struct Golden {
  std::string name;
  MapMessage message;
};

std::vector<Golden> goldens() {
  std::vector<Golden> all{{"map-backup", with_value(about(Type::kBackup, "key1", true), "value1")},
                          {"map-copy", with_value(about(Type::kCopy, "key1", true), "value1")},
                          {"map-proxy", about(Type::kProxy, "key1", true)},
                          {"map-access", about(Type::kAccess, "key1", true)},
                          {"map-notify-mapmember", about(Type::kNotifyMapMember, "key1", true)},
                          {"map-remove", about(Type::kRemove, "key1", false)},
                          {"map-state", about(Type::kState, {}, false)},
                          {"map-state-copy", about(Type::kStateCopy, {}, false)},
                          {"map-start", about(Type::kStart, {}, false)},
                          {"map-stop", about(Type::kStop, {}, false)},
                          {"map-init", about(Type::kInit, {}, false)},
                          {"map-ping", about(Type::kPing, {}, false)}};
  all.push_back({"map-backup-nodes2", with_value(about(Type::kBackup, "k", true), 5)});
  all.back().message.nodes->push_back(vector_member(4002));
  all.push_back({"map-backup-diff", about(Type::kBackup, "k", true)});
  all.back().message.diff = true;
  all.back().message.diff_value = bytes_of("diff-bytes");
  return all;
}

void expect_equal(const MapMessage& read, const MapMessage& wanted) {
  EXPECT_EQ(read.type, wanted.type);
  EXPECT_EQ(read.diff, wanted.diff);
  EXPECT_EQ(read.map_id, wanted.map_id);
  EXPECT_EQ(read.key, wanted.key);
  EXPECT_EQ(read.value, wanted.value);
  EXPECT_EQ(read.diff_value, wanted.diff_value);
  EXPECT_EQ(read.version, wanted.version);
  EXPECT_EQ(read.content, wanted.content);
  EXPECT_EQ(read.base, wanted.base);
  ASSERT_EQ(read.primary != nullptr, wanted.primary != nullptr);
  if (wanted.primary) {
    EXPECT_EQ(*read.primary, *wanted.primary);
  }
  ASSERT_EQ(read.nodes.has_value(), wanted.nodes.has_value());
  if (!wanted.nodes) return;
  ASSERT_EQ(read.nodes->size(), wanted.nodes->size());
  for (std::size_t i = 0; i < wanted.nodes->size(); ++i) {
    EXPECT_EQ(*(*read.nodes)[i], *(*wanted.nodes)[i]);
  }
}

TEST(MapMessage, HasTheBytesOfBothTomcats) {
  for (const Golden& golden : goldens()) {
    for (const auto& [folder, uid] : {std::pair("v9/", kTomcat9), std::pair("v10/", kTomcat10)}) {
      SCOPED_TRACE(folder + golden.name);
      EXPECT_EQ(to_hex(golden.message.encode({uid, false})),
                to_hex(vector_of(folder + golden.name).bytes));
    }
  }
}

TEST(MapMessage, BytesOfBothTomcatsAreRead) {
  for (const Golden& golden : goldens()) {
    for (const auto& [folder, uid] : {std::pair("v9/", kTomcat9), std::pair("v10/", kTomcat10)}) {
      SCOPED_TRACE(folder + golden.name);
      const auto read = MapMessage::decode(vector_of(folder + golden.name).bytes);
      ASSERT_TRUE(read) << read.error().message;
      expect_equal(*read, golden.message);
      EXPECT_EQ(read->seen_member_impl_uid, uid);
    }
  }
}

TEST(MapMessage, ARequestForABackupNamesNoMember) {
  MapMessage message;
  message.type = Type::kRetrieveBackup;
  message.map_id = bytes_of("Catalina-Cluster-map");
  message.key = map_key("key1");
  const Bytes golden = vector_of("both/map-retrieve-backup").bytes;
  EXPECT_EQ(to_hex(message.encode({kTomcat9, false})), to_hex(golden));
  const auto read = MapMessage::decode(golden);
  ASSERT_TRUE(read);
  expect_equal(*read, message);
  EXPECT_FALSE(read->seen_member_impl_uid);
}

TEST(MapMessage, TypeNumbersAreThoseOfTomcat) {
  std::string names;
  for (int type = 1; type <= 13; ++type) {
    names += fmt::format("{}={} ", type, map_message_type_name(static_cast<Type>(type)));
  }
  EXPECT_EQ(names, vector_of("both/map-types").fact("types"));
  EXPECT_EQ(map_message_type_name(static_cast<Type>(99)), "UNKNOWN(99)");
}

TEST(MapMessage, AStateIsAListOfMessages) {
  MapMessage copy = with_value(about(Type::kCopy, "k1", true), "v1");
  MapMessage proxy = about(Type::kProxy, "k2", true);
  proxy.primary = copy.primary;
  proxy.nodes = copy.nodes;
  for (const auto& [folder, uid] : {std::pair("v9/", kTomcat9), std::pair("v10/", kTomcat10)}) {
    const Bytes golden = vector_of(std::string(folder) + "map-state-reply-list").bytes;
    EXPECT_EQ(to_hex(encode_map_list({copy, proxy}, {uid, false})), to_hex(golden));
    std::size_t unreadable = 0;
    const auto read = decode_map_list(golden, unreadable);
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(read->size(), 2U);
    EXPECT_EQ(unreadable, 0U);
    expect_equal((*read)[0], copy);
    expect_equal((*read)[1], proxy);
  }
}

TEST(MapMessage, AnElementThatIsNoMessageCostsOnlyItself) {
  const Bytes stream = object_stream(make_list(
      {Value("text"), about(Type::kProxy, "k", true).to_value({kTomcat9, false}), Value(1)}));
  std::size_t unreadable = 0;
  const auto read = decode_map_list(stream, unreadable);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->size(), 1U);
  EXPECT_EQ(unreadable, 2U);
  EXPECT_FALSE(decode_map_list(object_stream(Value("text")), unreadable));
}

TEST(MapMessage, StatesAreConstantsOfTomcatsEnum) {
  EXPECT_EQ(to_hex(encode_map_state(MapState::kInitialized)),
            "aced00057e72003c" +
                to_hex(bytes_of("org.apache.catalina.tribes.tipis.AbstractReplicatedMap"
                                "$State")) +
                "000000000000000012000078"
                "72000e" +
                to_hex(bytes_of("java.lang.Enum")) +
                "00000000000000001200007870"
                "74000b" +
                to_hex(bytes_of("INITIALIZED")));
  for (const auto state : {MapState::kNew, MapState::kStateTransferred, MapState::kInitialized,
                           MapState::kDestroyed}) {
    const auto read = decode_map_state(encode_map_state(state));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, state);
  }
  EXPECT_FALSE(decode_map_state(object_stream(Value("INITIALIZED"))));
}

TEST(MapMessage, AVersionTravelsInFieldsOfItsOwn) {
  MapMessage message = with_value(about(Type::kBackup, "k", true), "v");
  message.version = MapVersion{7, 9};
  message.content = 0xFEDCBA9876543210;
  message.base = 0x8000000000000001;
  const Bytes bytes = message.encode({kTomcat9, true});
  const auto read = MapMessage::decode(bytes);
  ASSERT_TRUE(read);
  expect_equal(*read, message);
  EXPECT_NE(bytes, message.encode({kTomcat9, false}));
}

/// What a request sends, and forms that are rare.
std::vector<Golden> unusual_messages() {
  auto all = goldens();
  all.push_back({"nothing but the map", {}});
  MapMessage usual = about(Type::kBackup, "k", true);
  usual.version = MapVersion{7, 9};
  usual.content = 1;
  usual.base = 2;
  all.push_back({"one member twice", usual});
  all.back().message.nodes->push_back(usual.primary);
  all.push_back({"no node", usual});
  all.back().message.nodes->clear();
  for (const std::size_t size : {300U, 2000U}) {
    Member member = *vector_member(4003);
    member.payload.assign(size, 7);
    all.push_back({fmt::format("payload of {}", size), usual});
    all.back().message.nodes->push_back(std::make_shared<const Member>(member));
  }
  return all;
}

TEST(MapMessage, ItsStreamIsThatOfItsObject) {
  for (const Golden& one : unusual_messages()) {
    for (const std::int64_t uid : kMemberImplUids) {
      for (const bool versioned : {false, true}) {
        SCOPED_TRACE(fmt::format("{} {} {}", one.name, uid, versioned));
        MapMessage message = one.message;
        if (versioned) message.version = message.version.value_or(MapVersion());
        if (!versioned) message.version.reset();
        message.content = versioned ? std::optional(message.content.value_or(0)) : std::nullopt;
        message.base = versioned ? std::optional(message.base.value_or(0)) : std::nullopt;
        const Bytes stream = message.encode({uid, versioned});
        EXPECT_EQ(to_hex(stream), to_hex(object_stream(message.to_value({uid, versioned}))));
        const auto read = MapMessage::decode(stream);
        ASSERT_TRUE(read) << read.error().message;
        expect_equal(*read, message);
        if (message.primary) {
          EXPECT_EQ(read->seen_member_impl_uid, uid);
        }
      }
    }
  }
}

TEST(MapMessage, WhatTomcatAndServalWriteIsReadWithoutObjects) {
  for (const Golden& golden : goldens()) {
    for (const std::string folder : {"v9/", "v10/"}) {
      SCOPED_TRACE(folder + golden.name);
      const auto read = read_map_stream(vector_of(folder + golden.name).bytes);
      ASSERT_TRUE(read);
      expect_equal(*read, golden.message);
    }
    EXPECT_TRUE(read_map_stream(golden.message.encode({kTomcat9, true})));
  }
}

TEST(MapMessage, TheMapIsFoundWithoutReadingTheRest) {
  for (const Golden& golden : goldens()) {
    for (const bool versioned : {false, true}) {
      SCOPED_TRACE(golden.name);
      const auto stream = golden.message.encode({kTomcat9, versioned});
      const auto id = read_map_id(stream);
      ASSERT_TRUE(id);
      EXPECT_TRUE(std::ranges::equal(*id, golden.message.map_id));
    }
  }
  EXPECT_FALSE(read_map_id(vector_of("both/rpc-request-string").bytes));
  EXPECT_FALSE(read_map_id({}));
  const Bytes whole = vector_of("v9/map-backup").bytes;
  const auto id = read_map_id(whole);
  ASSERT_TRUE(id);
  const auto end = static_cast<std::size_t>(id->data() + id->size() - whole.data());
  for (std::size_t size = 0; size < end; ++size) {
    EXPECT_FALSE(read_map_id(std::span(whole).first(size))) << size;
  }
}

TEST(MapMessage, BrokenBytesAreRefused) {
  const Bytes whole = vector_of("v9/map-backup").bytes;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(MapMessage::decode(std::span(whole).first(size))) << size;
  }
  EXPECT_FALSE(MapMessage::decode(object_stream(Value("text"))));
  Bytes bad_member = whole;
  bad_member[466] ^= 0xFF;  // inside the first record
  EXPECT_FALSE(MapMessage::decode(bad_member));
}

TEST(MapMessage, KeysAreStreams) {
  EXPECT_EQ(map_key_text(map_key("Schlüssel")), "Schlüssel");
  const Bytes number = object_stream(Value(5));
  EXPECT_FALSE(map_key_text(MapKey(number.begin(), number.end())));
  EXPECT_FALSE(map_key_text("garbage"));
}

TEST(RpcMessage, RequestsAndRepliesHaveTheBytesOfTomcat) {
  const Bytes uuid = from_hex("404142434445464748494a4b4c4d4e4f");
  MapMessage init = about(Type::kInit, {}, false);
  init.nodes.emplace();
  struct {
    std::string vector;
    RpcHeader header;
    Value message;
  } const rows[] = {
      {"both/rpc-request-string", {false, uuid, bytes_of("rpc-id-1")}, Value("ping?")},
      {"both/rpc-reply-string", {true, uuid, bytes_of("rpc-id-1")}, Value("pong!")},
      {"both/rpc-reply-null", {true, uuid, bytes_of("rpc-id-1")}, Value()},
      {"v9/rpc-map-init", {false, uuid, init.map_id}, init.to_value({kTomcat9, false})},
      {"v10/rpc-map-init", {false, uuid, init.map_id}, init.to_value({kTomcat10, false})}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.vector);
    const Bytes golden = vector_of(row.vector).bytes;
    const auto encoded = encode_rpc_message(row.header, row.message);
    ASSERT_TRUE(encoded);
    EXPECT_EQ(to_hex(*encoded), to_hex(golden));
    const auto read = decode_rpc_message(golden);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->header.reply, row.header.reply);
    EXPECT_EQ(read->header.uuid, uuid);
    EXPECT_EQ(read->header.rpc_id, row.header.rpc_id);
    EXPECT_TRUE(read->has_channel);
    EXPECT_EQ(read->message.class_name(), row.message.class_name());
  }
}

TEST(RpcMessage, ARefusalIsRead) {
  const Bytes golden = vector_of("both/rpc-norpcchannelreply").bytes;
  const auto read = decode_rpc_message(golden);
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->has_channel);
  EXPECT_TRUE(read->header.reply);
  const auto header = read_no_rpc_channel_reply(golden);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->uuid, read->header.uuid);
  EXPECT_EQ(header->rpc_id, bytes_of("rpc-id-1"));
  EXPECT_FALSE(read_no_rpc_channel_reply(vector_of("both/rpc-request-string").bytes));
  EXPECT_FALSE(decode_rpc_message(vector_of("v9/map-backup").bytes));
}

/// What a channel gives ReplicatedMap::refuse_backup: a message that no map here accepts.
Received unclaimed(Bytes content, const MemberPtr& sender) {
  Received message;
  message.content = std::make_shared<const Bytes>(std::move(content));
  message.sender = sender;
  return message;
}

TEST(UnclaimedMapMessage, OnlyABackupThatATomcatWantsKeptIsRefused) {
  const MemberPtr tomcat = vector_member(4000);
  MapMessage message;
  message.map_id = bytes_of("gone-map");
  message.key = map_key("k");
  message.primary = tomcat;
  message.nodes = Members{vector_member(4001)};
  const auto refused = [&](Type type, const MemberPtr& sender) {
    message.type = type;
    return !ReplicatedMap::refuse_backup(unclaimed(message.encode({kTomcat10}), sender));
  };
  EXPECT_TRUE(refused(Type::kBackup, tomcat));
  for (const Type type : {Type::kProxy, Type::kRemove, Type::kCopy, Type::kStop}) {
    EXPECT_FALSE(refused(type, tomcat)) << map_message_type_name(type);
  }
  Member serval = *tomcat;
  serval.payload = ServalPayload().bytes();
  EXPECT_FALSE(refused(Type::kBackup, std::make_shared<const Member>(serval)));
  EXPECT_TRUE(ReplicatedMap::refuse_backup(unclaimed(object_stream(Value("text")), tomcat)));
}

}  // namespace
}  // namespace serval::tribes
