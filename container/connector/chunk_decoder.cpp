#include "container/connector/chunk_decoder.h"

#include "container/base/uri.h"
#include "container/connector/http_chars.h"

namespace serval::connector {
namespace {
constexpr int kMaxDigits = 15;  // leading zeros included; keeps the size below 2^60
}

void ChunkDecoder::reset() {
  phase_ = Phase::kSize;
  left_ = 0;
  digits_ = 0;
  extension_ = trailer_ = 0;
  line_empty_ = true;
  after_cr_ = false;
}

ChunkDecoder::State ChunkDecoder::next(std::string_view& input) {
  for (;;) {
    if (phase_ == Phase::kData) {
      if (left_ > 0) return input.empty() ? State::kMore : State::kData;
      phase_ = Phase::kDataCr;
    }
    if (phase_ == Phase::kEnd) return State::kEnd;
    if (phase_ == Phase::kBad) return State::kBad;
    if (input.empty()) return State::kMore;
    step(input.front());
    input.remove_prefix(1);
  }
}

bool ChunkDecoder::append_digit(char c) {
  const int digit = hex_value(c);
  if (digit < 0 || ++digits_ > kMaxDigits) return false;
  left_ = left_ * 16 + static_cast<unsigned>(digit);
  return true;
}

void ChunkDecoder::end_size_line() {
  phase_ = left_ > 0 ? Phase::kData : Phase::kTrailer;
  digits_ = 0;
  line_empty_ = true;
  after_cr_ = false;
}

void ChunkDecoder::step(char c) {
  switch (phase_) {
    case Phase::kSize:
      if (append_digit(c)) return;
      if (digits_ == 0) {
        phase_ = Phase::kBad;
      } else if (c == '\r') {
        phase_ = Phase::kSizeEnd;
      } else if (c == '\n') {
        end_size_line();
      } else {
        phase_ = c == ';' || c == ' ' || c == '\t' ? Phase::kExtension : Phase::kBad;
      }
      return;
    case Phase::kExtension:
      if (c == '\r') {
        phase_ = Phase::kSizeEnd;
      } else if (c == '\n') {
        end_size_line();
      } else if (!kValue.contains(c) ||
                 (limits_.max_extension >= 0 && ++extension_ > limits_.max_extension)) {
        phase_ = Phase::kBad;
      }
      return;
    case Phase::kSizeEnd:
      if (c == '\n') {
        end_size_line();
      } else {
        phase_ = Phase::kBad;
      }
      return;
    case Phase::kDataCr:
      phase_ = c == '\r' ? Phase::kDataEnd : c == '\n' ? Phase::kSize : Phase::kBad;
      return;
    case Phase::kDataEnd:
      phase_ = c == '\n' ? Phase::kSize : Phase::kBad;
      return;
    case Phase::kTrailer:
      phase_ = trailer_byte(c);
      return;
    case Phase::kData:
    case Phase::kEnd:
    case Phase::kBad:
      return;
  }
}

/// Trailer fields are counted and dropped; an empty line ends the message.
ChunkDecoder::Phase ChunkDecoder::trailer_byte(char c) {
  if (c == '\n') {
    if (line_empty_) return Phase::kEnd;
    line_empty_ = true;
    after_cr_ = false;
  } else if (after_cr_ || (c != '\r' && !kValue.contains(c))) {
    return Phase::kBad;
  } else if (c == '\r') {
    after_cr_ = true;
  } else {
    line_empty_ = false;
  }
  if (limits_.max_trailer >= 0 && ++trailer_ > limits_.max_trailer + 2) return Phase::kBad;
  return Phase::kTrailer;
}

}  // namespace serval::connector
