# Compiler options and the helper that makes one library out of folders.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  add_compile_options(-Wno-restrict)  # GCC 12 warns of std::string's own code when it optimises (GCC bug 105651)
endif()

find_program(SERVAL_CCACHE ccache)
if(SERVAL_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${SERVAL_CCACHE})
endif()
find_program(SERVAL_MOLD mold)
if(SERVAL_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
if(SERVAL_SANITIZE)
  if(NOT SERVAL_FUZZ)  # every assertion, lines for the reports, and a build that does not take twice as long
    set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1 -D_GLIBCXX_ASSERTIONS")
  endif()
  add_compile_options(-fsanitize=${SERVAL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    add_compile_options(-Wno-error=maybe-uninitialized)  # GCC's manual: with sanitizers it warns of what is none
  elseif(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
    add_compile_options(-fno-sanitize=function)  # clang 14 cannot write its tables next to those of coroutines
  endif()
  add_link_options(-fsanitize=${SERVAL_SANITIZE})
  if(SERVAL_SANITIZE MATCHES thread AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    add_compile_options(-Wno-tsan)  # Asio has fences besides its locks; TSan sees the locks only
  endif()
endif()

find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(pugixml REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(libpcap REQUIRED IMPORTED_TARGET libpcap)  # headers; the library is loaded when it is used
pkg_check_modules(libpq REQUIRED libpq)  # as libpcap
pkg_check_modules(sqlite3 REQUIRED sqlite3)  # as libpcap
pkg_check_modules(libzip REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(pcre2 REQUIRED IMPORTED_TARGET libpcre2-8)

# Warnings are errors on our targets; third-party headers are system headers.
function(serval_compile_options target)
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wconversion -Wshadow -Werror)
  target_compile_definitions(${target} PRIVATE BOOST_ASIO_NO_DEPRECATED)
endfunction()

# serval_library(NAME folder... LINK target...): a static library of every .cpp below the folders.
function(serval_library name)
  cmake_parse_arguments(arg "" "" "LINK" ${ARGN})
  set(sources)
  foreach(folder ${arg_UNPARSED_ARGUMENTS})
    file(GLOB_RECURSE found CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp)
    list(APPEND sources ${found})
  endforeach()
  if(sources)
    add_library(${name} STATIC ${sources})
    serval_compile_options(${name})
    target_link_libraries(${name} PUBLIC ${arg_LINK})
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} INTERFACE ${arg_LINK})
  endif()
endfunction()
