# Fuzzers of everything that reads files, with their own build of what they need: cmake -DORRERY_FUZZ=ON with clang++, then
# the target orrery-fuzz. None of it is built by default.
if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  message(FATAL_ERROR "ORRERY_FUZZ needs -DCMAKE_CXX_COMPILER=clang++")
endif()

file(GLOB readers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/scenarios/text/*.cpp
     ${PROJECT_SOURCE_DIR}/scenarios/systems/fleet/demand*.cpp
     ${PROJECT_SOURCE_DIR}/scenarios/systems/fleet/kubernetes_*.cpp)
set(control ${PROJECT_SOURCE_DIR}/models/control)
file(GLOB demand CONFIGURE_DEPENDS ${control}/demand/*.cpp)
set(objects ${control}/objects.cpp ${control}/kubernetes/labels.cpp ${control}/kubernetes/taints.cpp ${demand})
add_custom_target(orrery-fuzz)
set(fuzz_flags -g -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined)
add_library(orrery_fuzzed STATIC EXCLUDE_FROM_ALL ${readers}
            ${objects} ${PROJECT_SOURCE_DIR}/sim/assert.cpp
            ${PROJECT_SOURCE_DIR}/sim/random.cpp ${PROJECT_SOURCE_DIR}/sim/written_size.cpp)
orrery_units(orrery_fuzzed ${readers})
target_link_libraries(orrery_fuzzed PUBLIC orrery_flags fmt::fmt yaml-cpp Boost::headers)
target_compile_options(orrery_fuzzed PUBLIC ${fuzz_flags} -Wno-pass-failed -Wno-unknown-warning-option)
foreach(name IN ITEMS document csv kubernetes)
  add_executable(orrery-fuzz-${name} EXCLUDE_FROM_ALL ${PROJECT_SOURCE_DIR}/tests/fuzz/${name}_fuzz.cpp)
  target_link_libraries(orrery-fuzz-${name} PRIVATE orrery_fuzzed)
  target_link_options(orrery-fuzz-${name} PRIVATE -fsanitize=fuzzer,address,undefined)
  add_dependencies(orrery-fuzz orrery-fuzz-${name})
endforeach()
