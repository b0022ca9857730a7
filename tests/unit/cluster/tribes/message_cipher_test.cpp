#include "cluster/tribes/interceptors/message_cipher.h"

#include <gtest/gtest.h>

#include "cluster/tribes/interceptors/replay_window.h"
#include "tests/support/vector_file.h"

namespace serval::tribes {
namespace {

using serval::testing::vector_names;
using serval::testing::vector_of;
using std::chrono::milliseconds;

Bytes bytes(std::string_view text) { return {text.begin(), text.end()}; }
Bytes key_of(std::size_t size) {
  Bytes key;
  for (std::size_t i = 0; i < size; ++i) key.push_back(static_cast<std::uint8_t>(i));
  return key;
}

TEST(MessageCipher, OpensEveryVector) {
  constexpr std::int64_t kTime = 1700000000000;
  std::size_t opened_count = 0;
  for (const char* generation : {"v9", "v10"}) {
    for (const std::string& name : vector_names(generation, "encrypt-")) {
      SCOPED_TRACE(name);
      const auto vector = vector_of(name);
      if (vector.bytes.empty()) continue;  // refused by Tomcat 10
      auto cipher = MessageCipher::create(vector.fact("algorithm"),
                                          serval::testing::from_hex(vector.fact("key")));
      ASSERT_TRUE(cipher) << cipher.error().message;
      const auto opened = cipher->decrypt(vector.bytes);
      ASSERT_TRUE(opened) << opened.error().message;
      Bytes expected;
      if (generation == std::string_view("v10")) {
        for (int shift = 56; shift >= 0; shift -= 8) {
          expected.push_back(static_cast<std::uint8_t>(kTime >> shift));
        }
      }
      if (!name.ends_with("-empty")) {
        const Bytes fox = bytes("The quick brown fox jumps over the lazy dog");
        expected.insert(expected.end(), fox.begin(), fox.end());
      }
      EXPECT_EQ(serval::testing::to_hex(opened->content), serval::testing::to_hex(expected));
      const auto again = cipher->encrypt({}, expected);
      ASSERT_TRUE(again);
      EXPECT_EQ(again->size(), vector.bytes.size());
      EXPECT_NE(*again, vector.bytes) << "the IV is fresh";
      EXPECT_EQ(cipher->decrypt(*again)->content, expected);
      ++opened_count;
    }
  }
  EXPECT_EQ(opened_count, 40U) << "a vector is missing";
}

TEST(MessageCipher, KeepsAnyMessageInEveryAlgorithm) {
  for (const char* algorithm :
       {"AES/CBC/PKCS5Padding", "AES/CFB/PKCS5Padding", "AES/OFB/PKCS5Padding", "AES/GCM/NoPadding",
        "AES/CFB/NoPadding", "AES/OFB/NoPadding", "AES/CBC/ISO10126Padding", "aes/gcm/nopadding",
        "DESede/CBC/PKCS5Padding", "DESede/CFB/NoPadding", "DESede/OFB/PKCS5Padding"}) {
    SCOPED_TRACE(algorithm);
    const auto cipher = MessageCipher::create(algorithm, key_of(24));
    ASSERT_TRUE(cipher) << cipher.error().message;
    for (std::size_t size : {0, 1, 7, 8, 15, 16, 17, 31, 32, 1000}) {
      const Bytes head = bytes("head"), content(size, 'x');
      const auto message = cipher->encrypt(head, content);
      ASSERT_TRUE(message);
      const auto opened = cipher->decrypt(*message);
      ASSERT_TRUE(opened);
      EXPECT_EQ(opened->content.size(), size + 4);
      EXPECT_TRUE(std::equal(head.begin(), head.end(), opened->content.begin()));
    }
  }
}

TEST(MessageCipher, RefusesWhatCannotWorkWithoutTheKey) {
  struct {
    const char* algorithm;
    std::size_t key;
    const char* why;
  } const rows[] = {{"", 16, "Encryption algorithm is required"},
                    {"AES", 16, "Encryption algorithm is required"},
                    {"AES/CBC", 16, "Encryption algorithm is required"},
                    {"AES/ECB/PKCS5Padding", 16, "the mode is one of"},
                    {"AES/CFB8/NoPadding", 16, "the mode is one of"},
                    {"AES/GCM/PKCS5Padding", 16, "GCM has no padding"},
                    {"AES/CBC/NoPadding", 16, "CBC needs a padding"},
                    {"AES/CBC/Zero", 16, "the padding is"},
                    {"AES/GCM/NoPadding", 15, "encryptionKey has 15 bytes, AES takes 16, 24 or 32"},
                    {"DESede/CBC/PKCS5Padding", 16, "DESede takes 24"},
                    {"DESede/GCM/NoPadding", 24, "the ciphers are"},
                    {"RC4/CBC/NoPadding", 16, "the ciphers are"}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.algorithm);
    const auto cipher = MessageCipher::create(row.algorithm, key_of(row.key));
    ASSERT_FALSE(cipher);
    EXPECT_NE(cipher.error().message.find(row.why), std::string::npos) << cipher.error().message;
  }
}

TEST(MessageCipher, GcmNoticesEveryChange) {
  const auto cipher = *MessageCipher::create("AES/GCM/NoPadding", key_of(16));
  const auto message = cipher.encrypt({}, bytes("a session"));
  for (std::size_t i = 0; i < message->size(); ++i) {
    Bytes changed = *message;
    changed[i] ^= 1;
    EXPECT_FALSE(cipher.decrypt(changed)) << i;
    EXPECT_FALSE(cipher.decrypt(std::span(*message).first(i))) << i;
  }
  EXPECT_FALSE(MessageCipher::create("AES/GCM/NoPadding", Bytes(16))->decrypt(*message));
}

TEST(MessageCipher, BlockModesNoticeAWrongLengthOrPadding) {
  const auto cipher = *MessageCipher::create("AES/CBC/PKCS5Padding", key_of(16));
  const auto message = cipher.encrypt({}, bytes("a session"));
  ASSERT_EQ(message->size(), 32U);
  for (std::size_t size = 0; size < 32; ++size) {
    EXPECT_FALSE(cipher.decrypt(std::span(*message).first(size))) << size;
  }
  // The last byte of the IV changes the last byte of the only block: the padding of 7.
  for (int change : {7, 7 ^ 17, 7 ^ 6}) {
    Bytes changed = *message;
    changed[15] ^= static_cast<std::uint8_t>(change);
    EXPECT_FALSE(cipher.decrypt(changed)) << change;
  }
}

TEST(EncryptionKey, IsHexadecimal) {
  EXPECT_EQ(*key_from_hex(" 00ffAb\n"), (Bytes{0, 0xFF, 0xAB}));
  for (const char* text : {"", "  ", "0", "xy", "00 11", "0x00"}) {
    const auto key = key_from_hex(text);
    ASSERT_FALSE(key) << text;
    EXPECT_EQ(key.error().message.find("0x"), std::string::npos) << "not the text itself";
  }
}

class ReplayWindowTest : public ::testing::Test {
 protected:
  static constexpr std::int64_t kNow = 1'000'000;
  bool accept(std::int64_t time, std::uint8_t iv, std::int64_t now = kNow) {
    return window_.accept(time, Bytes{iv, 1, 2}, now);
  }
  ReplayWindow window_{milliseconds(10000), 3, kNow};
};

TEST_F(ReplayWindowTest, AcceptsAMessageOnce) {
  EXPECT_TRUE(accept(kNow, 1));
  EXPECT_FALSE(accept(kNow, 1));
  EXPECT_TRUE(accept(kNow, 2)) << "another message of the same time";
}

TEST_F(ReplayWindowTest, RefusesWhatIsOutsideTheWindow) {
  EXPECT_FALSE(accept(kNow - 10001, 1));
  EXPECT_FALSE(accept(kNow - 10000, 1)) << "from before the start";
  EXPECT_TRUE(accept(kNow - 9999, 1));
  EXPECT_TRUE(accept(kNow + 10000, 2));
  EXPECT_FALSE(accept(kNow + 10001, 3));
  EXPECT_FALSE(accept(std::numeric_limits<std::int64_t>::min(), 4));
  EXPECT_FALSE(accept(std::numeric_limits<std::int64_t>::max(), 4));
}

TEST_F(ReplayWindowTest, ForgetsTheOldestButNotThatItIsOld) {
  EXPECT_TRUE(accept(kNow - 30, 1));
  EXPECT_TRUE(accept(kNow - 10, 2));
  EXPECT_TRUE(accept(kNow - 20, 3));
  EXPECT_TRUE(accept(kNow, 4));
  EXPECT_EQ(window_.size(), 3U);
  EXPECT_FALSE(accept(kNow - 30, 1)) << "forgotten, but not newer than what was forgotten";
  EXPECT_FALSE(accept(kNow - 40, 5));
  EXPECT_TRUE(accept(kNow - 25, 6));
  EXPECT_FALSE(accept(kNow - 25, 6)) << "itself the oldest, it was forgotten at once";
  EXPECT_FALSE(accept(kNow - 10, 2));
}

}  // namespace
}  // namespace serval::tribes
