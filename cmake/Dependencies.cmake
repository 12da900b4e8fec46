# Every third-party library as one target mbf::NAME. A folder links it PRIVATE, so its headers stay in that folder.
# To add one: a line here, its Debian package in tools/setup/packages.txt, its owner in tools/check_layers.py.
set(mbf_missing "")

# mbf_system(NAME HEADER file [LIBRARY name]... [DEFINE d]... [LINK target]...): headers and libraries of the system.
function(mbf_system name)
  cmake_parse_arguments(arg "" "HEADER" "LIBRARY;DEFINE;LINK" ${ARGN})
  add_library(mbf_${name} INTERFACE)
  add_library(mbf::${name} ALIAS mbf_${name})
  find_path(MBF_${name}_INCLUDE "${arg_HEADER}" PATH_SUFFIXES postgresql)
  if(NOT MBF_${name}_INCLUDE)
    list(APPEND mbf_missing "${name} (${arg_HEADER})")
  else()
    target_include_directories(mbf_${name} SYSTEM INTERFACE "${MBF_${name}_INCLUDE}")
  endif()
  foreach(library IN LISTS arg_LIBRARY)
    find_library(MBF_${name}_${library}_LIBRARY "${library}")
    if(NOT MBF_${name}_${library}_LIBRARY)
      list(APPEND mbf_missing "${name} (lib${library})")
    else()
      target_link_libraries(mbf_${name} INTERFACE "${MBF_${name}_${library}_LIBRARY}")
    endif()
  endforeach()
  target_compile_definitions(mbf_${name} INTERFACE ${arg_DEFINE})
  target_link_libraries(mbf_${name} INTERFACE ${arg_LINK})
  set(mbf_missing "${mbf_missing}" PARENT_SCOPE)
endfunction()

# Header only; -DBOOST_ASIO_NO_DEPRECATED keeps us compatible with newer releases.
mbf_system(asio HEADER boost/asio.hpp DEFINE BOOST_ASIO_NO_DEPRECATED BOOST_ALL_NO_LIB LINK Threads::Threads)
mbf_system(openssl HEADER openssl/ssl.h LIBRARY ssl crypto)
mbf_system(simdjson HEADER simdjson.h LIBRARY simdjson)
mbf_system(curl HEADER curl/curl.h LIBRARY curl)
mbf_system(yaml HEADER yaml-cpp/yaml.h LIBRARY yaml-cpp)
mbf_system(jq HEADER jq.h LIBRARY jq)
mbf_system(sodium HEADER sodium.h LIBRARY sodium)
mbf_system(seccomp HEADER seccomp.h LIBRARY seccomp)
# The system's zone files, so that tzdata updates reach us without a rebuild.
mbf_system(date HEADER date/tz.h LIBRARY date-tz DEFINE USE_OS_TZDB=1 ONLY_C_LOCALE=1 HAS_STRING_VIEW=1)
mbf_system(cli11 HEADER CLI/CLI.hpp)
mbf_system(fmt HEADER fmt/core.h LIBRARY fmt)
mbf_system(pugixml HEADER pugixml.hpp LIBRARY pugixml)
mbf_system(pq HEADER libpq-fe.h LIBRARY pq)
mbf_system(md4c HEADER md4c-html.h LIBRARY md4c-html md4c)
if(BUILD_TESTING)
  mbf_system(gtest HEADER gtest/gtest.h LIBRARY gtest gmock LINK Threads::Threads)
endif()
if(MBFLOW_BENCH)
  mbf_system(benchmark HEADER benchmark/benchmark.h LIBRARY benchmark LINK Threads::Threads)
endif()

foreach(file IN ITEMS quickjs/quickjs.c sqlite/sqlite3.c)
  if(NOT EXISTS "${MBFLOW_DEPS_DIR}/${file}")
    list(APPEND mbf_missing "${MBFLOW_DEPS_DIR}/${file}")
  endif()
endforeach()
if(mbf_missing)
  list(JOIN mbf_missing "\n  " missing)
  message(FATAL_ERROR "Not found:\n  ${missing}\nRun ./dev setup: it installs and fetches what the build needs.")
endif()

file(STRINGS "${MBF_asio_INCLUDE}/boost/version.hpp" boost_version REGEX "^#define BOOST_VERSION ")
string(REGEX MATCH "[0-9]+" boost_version "${boost_version}")
if(boost_version LESS 108100)
  message(FATAL_ERROR "Boost ${boost_version} is too old: 1.81 is needed. Run ./dev setup: it installs the right one.")
endif()

# QuickJS-ng without quickjs-libc: no files, processes or modules exist for a script. Never instrumented and always -O2:
# its interpreter loop is ten times slower otherwise, and its stack limit counts real frames.
add_library(mbf_quickjs STATIC
  "${MBFLOW_DEPS_DIR}/quickjs/quickjs.c" "${MBFLOW_DEPS_DIR}/quickjs/libregexp.c"
  "${MBFLOW_DEPS_DIR}/quickjs/libunicode.c" "${MBFLOW_DEPS_DIR}/quickjs/dtoa.c")
add_library(mbf::quickjs ALIAS mbf_quickjs)
set_target_properties(mbf_quickjs PROPERTIES C_STANDARD 11 C_EXTENSIONS ON)
target_include_directories(mbf_quickjs SYSTEM INTERFACE "${MBFLOW_DEPS_DIR}/quickjs")
target_compile_definitions(mbf_quickjs PRIVATE _GNU_SOURCE QUICKJS_NG_BUILD)
target_compile_options(mbf_quickjs PRIVATE -O2 -w -funsigned-char -fwrapv)
target_link_libraries(mbf_quickjs PUBLIC m Threads::Threads)

add_library(mbf_sqlite STATIC "${MBFLOW_DEPS_DIR}/sqlite/sqlite3.c")
add_library(mbf::sqlite ALIAS mbf_sqlite)
target_include_directories(mbf_sqlite SYSTEM INTERFACE "${MBFLOW_DEPS_DIR}/sqlite")
target_compile_options(mbf_sqlite PRIVATE -O2 -w)
target_compile_definitions(mbf_sqlite PRIVATE
  SQLITE_THREADSAFE=2 SQLITE_DQS=0 SQLITE_DEFAULT_MEMSTATUS=0 SQLITE_OMIT_DEPRECATED SQLITE_OMIT_SHARED_CACHE
  SQLITE_LIKE_DOESNT_MATCH_BLOBS SQLITE_MAX_EXPR_DEPTH=0 SQLITE_USE_ALLOCA)
target_link_libraries(mbf_sqlite PUBLIC m Threads::Threads)
