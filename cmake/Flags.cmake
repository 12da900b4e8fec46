# Compiler and linker settings. Our own code links mbflow_flags; third-party code built from source does not.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_LINK_DEPENDS_NO_SHARED ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_SKIP_RPATH ON)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

# ccache, set up here so that a plain ninja finds it too: by default it refuses precompiled headers, and answers for one
# clone only.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(ccache env "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_ctime,include_file_mtime "${CCACHE_PROGRAM}")
  set(CMAKE_C_COMPILER_LAUNCHER ${ccache})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${ccache})
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

# Debug means dev here: fast enough to run (-O0 would make the tests the slow part), with lines in every stack. Variables
# too (-g) would make a build a third slower; the preset debug has them.
set(CMAKE_CXX_FLAGS_DEBUG "${MBFLOW_DEBUG_FLAGS}")
set(CMAKE_C_FLAGS_DEBUG "${MBFLOW_DEBUG_FLAGS}")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_C_FLAGS_RELEASE "-O2 -DNDEBUG")

# No machine path in a binary, and ccache may answer for another clone.
add_compile_options("-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")

add_library(mbflow_flags INTERFACE)
target_include_directories(mbflow_flags INTERFACE "${CMAKE_SOURCE_DIR}/include" "${CMAKE_SOURCE_DIR}/src")
target_link_libraries(mbflow_flags INTERFACE Threads::Threads)
target_compile_definitions(mbflow_flags INTERFACE _GLIBCXX_ASSERTIONS)
target_compile_options(mbflow_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wcast-qual
  -Wformat=2 -Wimplicit-fallthrough -Wextra-semi
  -Wno-missing-field-initializers) # designated initializers leave fields out on purpose
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # -fpch-preprocess lets ccache see through a precompiled header. The others are known for false alarms in optimised
  # standard library code; they stay warnings even where warnings are errors.
  target_compile_options(mbflow_flags INTERFACE -fpch-preprocess -Wduplicated-cond -Wlogical-op
    -Wno-error=maybe-uninitialized -Wno-error=array-bounds -Wno-error=stringop-overflow -Wno-error=stringop-overread
    -Wno-error=restrict -Wno-error=dangling-pointer -Wno-error=free-nonheap-object -Wno-error=use-after-free)
endif()
if(MBFLOW_SIM)
  target_compile_definitions(mbflow_flags INTERFACE MBFLOW_MUTANTS)
endif()
if(MBFLOW_WERROR)
  target_compile_options(mbflow_flags INTERFACE -Werror)
endif()

if(MBFLOW_SANITIZE STREQUAL "address")
  # Left out are checks that double the time to build and find what the address sanitizer finds too.
  set(sanitize -fsanitize=address,undefined -fno-sanitize=null,alignment,vptr,object-size,nonnull-attribute)
elseif(MBFLOW_SANITIZE STREQUAL "thread")
  set(sanitize -fsanitize=thread)
elseif(MBFLOW_SANITIZE STREQUAL "fuzzer")
  set(sanitize -fsanitize=fuzzer-no-link,address,undefined)
elseif(NOT MBFLOW_SANITIZE STREQUAL "")
  message(FATAL_ERROR "MBFLOW_SANITIZE is '${MBFLOW_SANITIZE}'; use address, thread, fuzzer or nothing")
endif()
if(sanitize)
  target_compile_options(mbflow_flags INTERFACE ${sanitize} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(mbflow_flags INTERFACE ${sanitize})
endif()

# Hardening after the OpenSSF compiler options guide. Fortify needs optimisation and quarrels with sanitizers.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-fPIE -fstack-protector-strong -fstack-clash-protection -ftrivial-auto-var-init=zero
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
  add_link_options(-pie LINKER:-z,relro,-z,now,-z,noexecstack,-z,nodlopen)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    add_compile_options(-fcf-protection=full)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    add_compile_options(-mbranch-protection=standard)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
    add_compile_options(-fstrict-flex-arrays=3)
  endif()
endif()
