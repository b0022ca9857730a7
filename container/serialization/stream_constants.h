// container/serialization/stream_constants.h
#pragma once
#include <cstddef>
#include <cstdint>

namespace serval::tc {

/// The bytes of java.io.ObjectStreamConstants (without their TC_ prefix).
inline constexpr std::uint32_t kStreamHeader = 0xACED0005;
inline constexpr std::uint32_t kBaseWireHandle = 0x7E0000;
inline constexpr std::uint8_t kNull = 0x70, kReference = 0x71, kClassDesc = 0x72, kObject = 0x73,
                              kString = 0x74, kArray = 0x75, kClass = 0x76, kBlockData = 0x77,
                              kEndBlockData = 0x78, kReset = 0x79, kBlockDataLong = 0x7A,
                              kException = 0x7B, kLongString = 0x7C, kProxyClassDesc = 0x7D,
                              kEnumConstant = 0x7E;

/// Bits of JavaClass::flags.
inline constexpr std::uint8_t kHasWriteMethod = 1, kSerializable = 2, kExternalizable = 4,
                              kExternalBlockData = 8, kIsEnum = 16;

/// Longest chain of super classes that is read or written.
inline constexpr std::size_t kMaxClassChain = 64;

}  // namespace serval::tc
