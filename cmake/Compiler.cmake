# Language, warnings and the flags of each build type.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g0 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-Og -g")

add_library(orrery_common_flags INTERFACE)
target_include_directories(orrery_common_flags INTERFACE ${PROJECT_SOURCE_DIR})
# Fused multiply-add would change the last bits of results from one CPU type to the next.
# GCC takes what has internal linkage in a translation unit of several sources for a header's.
target_compile_options(orrery_common_flags INTERFACE -Wall -Wextra -Wpedantic -Wno-subobject-linkage -ffp-contract=off)

add_library(orrery_flags INTERFACE)
target_link_libraries(orrery_flags INTERFACE orrery_common_flags)
# A folder is one translation unit, and no reason to inline less than in a small one.
target_compile_options(orrery_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:--param=large-unit-insns=1000000>)

# AddressSanitizer and UndefinedBehaviorSanitizer, for what the tests are linked with. What AddressSanitizer finds as well is left
# to it: those checks of null, alignment and object sizes double the build.
set(sanitizers -fsanitize=address,undefined -fno-sanitize=null,alignment,object-size,vptr -fno-sanitize-recover=undefined)
add_library(orrery_sanitized_flags INTERFACE)
target_link_libraries(orrery_sanitized_flags INTERFACE orrery_common_flags)
target_compile_options(orrery_sanitized_flags INTERFACE -g1 -UNDEBUG ${sanitizers} -fno-omit-frame-pointer)
target_link_options(orrery_sanitized_flags INTERFACE ${sanitizers})
target_compile_definitions(orrery_sanitized_flags INTERFACE ORRERY_SANITIZE=1)

if(ORRERY_IPO)
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
endif()

# With what ccache has of another clone, too.
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()
