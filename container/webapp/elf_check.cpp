#include <elf.h>
#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <fstream>

#include "container/webapp/library_loader.h"

namespace serval::core {
namespace {

#if defined(__x86_64__)
constexpr std::uint16_t kOwnMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t kOwnMachine = EM_AARCH64;
#elif defined(__riscv)
constexpr std::uint16_t kOwnMachine = EM_RISCV;
#elif defined(__powerpc64__)
constexpr std::uint16_t kOwnMachine = EM_PPC64;
#else
#error "say here which ELF machine this compiler builds for"
#endif
static_assert(sizeof(void*) == 8, "the header below is the 64-bit one");

std::string machine_name(std::uint16_t machine) {
  switch (machine) {
    case EM_386:
      return "32-bit x86";
    case EM_ARM:
      return "32-bit ARM";
    case EM_X86_64:
      return "x86-64";
    case EM_AARCH64:
      return "ARM64";
    case EM_RISCV:
      return "RISC-V";
    case EM_PPC64:
      return "POWER";
    case EM_S390:
      return "IBM Z";
    default:
      return fmt::format("ELF machine {}", machine);
  }
}

/// All segments lie inside the file: mapping one that does not kills the process at the first
/// touch.
Result<> check_length(std::ifstream& in, const Elf64_Ehdr& header) {
  in.clear();
  in.seekg(0, std::ios::end);
  const auto size = static_cast<std::uint64_t>(in.tellg());
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phoff > size)
    return Error{Errc::kInvalidArgument, "is cut off"};
  in.seekg(static_cast<std::streamoff>(header.e_phoff));
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    if (!in.read(reinterpret_cast<char*>(&segment), sizeof segment) || segment.p_offset > size ||
        segment.p_filesz > size - segment.p_offset)
      return Error{Errc::kInvalidArgument, "is cut off"};
  }
  return {};
}

}  // namespace

Result<> check_elf(const std::filesystem::path& library) {
  std::ifstream in(library, std::ios::binary);
  if (!in) return Error{Errc::kIo, "cannot be read"};
  std::array<char, sizeof(Elf64_Ehdr)> bytes{};
  in.read(bytes.data(), bytes.size());
  Elf64_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (in.gcount() < EI_NIDENT + 4 || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
    return Error{Errc::kInvalidArgument, "is not an ELF file"};
  constexpr auto kOwnOrder = std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;
  if (header.e_ident[EI_DATA] != kOwnOrder)
    return Error{Errc::kInvalidArgument,
                 fmt::format("is for a machine of the other byte order, this server runs on {}",
                             machine_name(kOwnMachine))};
  if (header.e_machine != kOwnMachine || header.e_ident[EI_CLASS] != ELFCLASS64)
    return Error{Errc::kInvalidArgument,
                 fmt::format("is for {}, this server runs on {}", machine_name(header.e_machine),
                             machine_name(kOwnMachine))};
  if (static_cast<std::size_t>(in.gcount()) < sizeof header)
    return Error{Errc::kInvalidArgument, "is cut off"};
  if (header.e_type != ET_DYN)
    return Error{Errc::kInvalidArgument, "is an ELF file, but no shared library"};
  return check_length(in, header);
}

}  // namespace serval::core
