#include "cluster/tools/group_text.h"

#include <fmt/format.h>

#include "cluster/tools/text/content_text.h"
#include "cluster/tools/text/member_text.h"
#include "cluster/tools/text/printable.h"
#include "cluster/tools/text/quantity.h"
#include "container/base/clock.h"

namespace serval::tools {
namespace {
constexpr std::size_t kWholeDigest = 64, kShortDigest = 16;
constexpr std::size_t kWholeContent = 1'000'000, kShortContent = 200, kShortBytes = 96;
}  // namespace

GroupText::GroupText(const Console& console, bool full)
    : console_(console),
      digest_(full || !console.is_terminal() ? kWholeDigest : kShortDigest),
      content_(full ? kWholeContent : kShortContent),
      bytes_(full ? kWholeContent : kShortBytes) {}

std::string GroupText::begin(Look look, std::string_view word, const tribes::Member& member) const {
  const auto now = std::chrono::milliseconds(system_clock().wall_ms());
  return console_.styled(Look::kDim, time_text(now)) + "  " + console_.styled(look, left(word, 7)) +
         "  " + left(member.address_text(), 15) + "  ";
}

std::string GroupText::member_line(std::string_view word, const tribes::Member& member) const {
  return begin(word == "added" ? Look::kGood : Look::kNote, word, member) + member_facts(member);
}

std::string GroupText::message_line(std::string_view word, const tribes::Received& message) const {
  const tribes::Bytes& bytes = *message.content;
  const ContentText content =
      content_text(bytes, message.options, {.characters = content_, .bytes = bytes_});
  return begin(Look::kBold, word, *message.sender) + left(options_label(message.options), 17) +
         "  " + right(size_text(bytes.size()), 9) + "  " +
         console_.styled(Look::kDim, "sha256 " + sha256(bytes).substr(0, digest_)) + "  " +
         content.kind + " " + content.text;
}

std::string GroupText::trouble_line(std::string_view word, const tribes::Member& member,
                                    std::string_view cause) const {
  return begin(Look::kBad, word, member) + printable(cause);
}

}  // namespace serval::tools
