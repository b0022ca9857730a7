#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "container/base/big_endian.h"
#include "tests/interop/value_generator.h"
#include "tests/interop/value_text.h"
#include "tests/support/process.h"
#include "tests/support/seed.h"
#include "tests/support/stream_round_trip.h"
#include "tests/support/temp_dir.h"
#include "tests/support/vector_file.h"

namespace serval {
namespace {

using testing::ValueText;

/// Files of tests/peers/serialization: a length and bytes, again and again.
std::vector<Bytes> read_records(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::vector<Bytes> records;
  for (std::uint32_t size = 0; in.read(reinterpret_cast<char*>(&size), sizeof(size));) {
    Bytes& record = records.emplace_back(big_endian(size));
    in.read(reinterpret_cast<char*>(record.data()), static_cast<std::streamsize>(record.size()));
  }
  return records;
}

void write_records(const std::filesystem::path& path, const std::vector<Bytes>& records) {
  std::ofstream out(path, std::ios::binary);
  for (const Bytes& record : records) {
    const auto size = big_endian(static_cast<std::uint32_t>(record.size()));
    out.write(reinterpret_cast<const char*>(&size), sizeof(size));
    out.write(reinterpret_cast<const char*>(record.data()),
              static_cast<std::streamsize>(record.size()));
  }
}

std::string text_of(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

/// Runs the Java program; `version` is that of the class Evolved, of which the peer has two.
test::CommandResult run_peer(int version, std::vector<std::string> arguments) {
  std::vector<std::string> command{"java", "-XX:TieredStopAtLevel=1"};
  for (const char* package : {"java.base/java.util", "java.base/java.util.concurrent",
                              "java.base/java.util.concurrent.atomic", "java.base/java.math",
                              "java.base/java.net", "java.sql/java.sql"}) {
    command.insert(command.end(), {"--add-opens", std::string(package) + "=ALL-UNNAMED"});
  }
  command.insert(command.end(), {"-cp", SERVAL_OBJECT_PEER + std::to_string(version), "peer.Main"});
  command.insert(command.end(), arguments.begin(), arguments.end());
  return test::run_command(command, {}, std::chrono::minutes(4));
}

std::string text_of(const std::vector<testing::StreamItem>& items) {
  std::string text;
  ValueText objects;
  for (const auto& item : items) {
    if (const auto* block = std::get_if<Bytes>(&item)) {
      text += "block " + testing::to_hex(*block) + "\n";
    } else if (const auto* value = std::get_if<Value>(&item)) {
      text += "object " + objects.of(*value) + "\n";
    } else {
      text += "given up\n";
    }
  }
  return text;
}

/// "" when the texts are the same, else what stands in both where the difference begins.
std::string difference(const std::string& java, const std::string& ours) {
  if (java == ours) return "";
  const auto at = static_cast<std::size_t>(std::ranges::mismatch(java, ours).in1 - java.begin());
  const std::size_t begin = at < 200 ? 0 : at - 200;
  return "\n Java " + java.substr(begin, 400) + "\n ours " +
         (begin < ours.size() ? ours.substr(begin, 400) : "");
}

/// How many values a test takes: SERVAL_VALUES, else as many as a few seconds allow.
int value_count(int usual) {
  return static_cast<int>(
      testing::environment_number("SERVAL_VALUES", static_cast<std::uint64_t>(usual)));
}

TEST(ObjectStream, WhatJavaWritesIsReadAndWrittenSoThatJavaReadsTheSame) {
  const std::uint64_t seed = testing::test_seed();
  const int count = value_count(3000);
  SCOPED_TRACE(testing::seed_hint(seed));
  const test::TempDir folder;
  const auto generated = folder / "generated";
  const auto written = folder / "written";
  const std::string numbers[] = {std::to_string(seed), std::to_string(count)};
  const auto made = run_peer(1, {"generate", numbers[0], numbers[1], generated});
  ASSERT_EQ(made.status, 0) << made.output;
  const auto records = read_records(generated);
  ASSERT_EQ(records.size(), 3U * static_cast<unsigned>(count));

  std::vector<Bytes> streams;
  for (std::size_t i = 0; i < records.size(); i += 3) {
    SCOPED_TRACE("value " + std::to_string(i / 3));
    const Bytes& stream = records[i];
    auto read = testing::read_items(stream);
    ASSERT_TRUE(read.status) << read.status.error().message << "\n"
                             << text_of(records[i + 1]).substr(0, 2000);
    ASSERT_EQ(difference(text_of(records[i + 1]), text_of(read.items)), "");
    streams.push_back(testing::write_items(read.items));
    if (text_of(records[i + 2]) == "exact") {
      ASSERT_EQ(difference(testing::to_hex(stream), testing::to_hex(streams.back())), "")
          << text_of(records[i + 1]).substr(0, 2000);
    }
  }
  write_records(written, streams);
  const auto checked = run_peer(2, {"check", numbers[0], numbers[1], written});
  EXPECT_EQ(checked.status, 0) << checked.output;
}

TEST(ObjectStream, WhatAnApplicationMakesIsReadAndWrittenByJava) {
  const std::uint64_t seed = testing::test_seed();
  const auto count = static_cast<std::size_t>(value_count(3000));
  SCOPED_TRACE(testing::seed_hint(seed));
  const test::TempDir folder;
  const auto written = folder / "written";
  const auto answered = folder / "answered";
  std::vector<std::string> texts;
  std::vector<Bytes> streams;
  for (std::size_t i = 0; i < count; ++i) {
    testing::ValueGenerator generator(seed + i);
    const Value value = generator.value();
    ObjectWriter writer;
    const auto done = writer.write_object(value);
    ASSERT_TRUE(done) << done.error().message;
    texts.push_back(ValueText().of(value));
    streams.push_back(writer.finish());
  }
  write_records(written, streams);
  const auto read = run_peer(1, {"read", written, answered});
  ASSERT_EQ(read.status, 0) << read.output;
  const auto records = read_records(answered);
  ASSERT_EQ(records.size(), 2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    SCOPED_TRACE("value " + std::to_string(i));
    ASSERT_EQ(difference(text_of(records[2 * i]), texts[i]), "")
        << testing::to_hex(streams[i]).substr(0, 2000);
    const auto again = ObjectReader(records[2 * i + 1]).read_object();
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_EQ(difference(texts[i], ValueText().of(*again)), "");
  }
}

}  // namespace
}  // namespace serval
