# Tests: one executable per folder, one process per test case, since a process has one engine.
set(need)
if(ORRERY_TESTS STREQUAL "ON")
  set(need REQUIRED)
endif()
find_package(GTest QUIET ${need})
find_package(rapidcheck QUIET ${need})
find_package(benchmark QUIET ${need})
if(NOT (GTest_FOUND AND rapidcheck_FOUND AND benchmark_FOUND))
  message(STATUS "No tests: GoogleTest, rapidcheck or Google Benchmark is missing")
  return()
endif()

enable_testing()
include(GoogleTest)

# Suites with "Slow" in their name are labelled slow, all others fast.
function(orrery_tests folder layer)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${folder}/*.cpp)
  if(NOT sources)
    return()
  endif()
  set(target orrery-test-${folder})
  add_executable(${target} ${sources})
  target_link_libraries(${target} PRIVATE ${layer} GTest::gmock_main rapidcheck_gmock rapidcheck_gtest)
  foreach(label IN ITEMS fast slow)
    set(filter "*Slow*.*")
    set(timeout 900)
    if(label STREQUAL "fast")
      set(filter "-*Slow*.*")
      set(timeout 300)
    endif()
    gtest_discover_tests(${target} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
                         TEST_PREFIX "${folder}." TEST_FILTER "${filter}"
                         WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
                         PROPERTIES LABELS ${label} TIMEOUT ${timeout} SKIP_RETURN_CODE 77)
  endforeach()
endfunction()

orrery_tests(sim orrery_sim)
orrery_tests(models orrery_scenarios)
orrery_tests(scenarios orrery_scenarios)
orrery_tests(analysis orrery_analysis)
orrery_tests(theory orrery_analysis)
orrery_tests(integration orrery_analysis)
orrery_tests(docs orrery_scenarios)

# Scripts get the program as $ORRERY_BIN and start at the root of the sources. Names with a leading "_" are helpers. One that
# cannot test anything here says so and ends with 77.
function(orrery_script_test name script)
  add_test(NAME ${name} COMMAND bash ${script} ${ARGN} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS fast TIMEOUT 300 SKIP_RETURN_CODE 77)
endfunction()

if(TARGET orrery)
  file(GLOB scripts CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/cli/[!_]*.sh)
  foreach(script IN LISTS scripts)
    cmake_path(GET script STEM stem)
    orrery_script_test(cli.${stem} ${script})
    set_tests_properties(cli.${stem} PROPERTIES ENVIRONMENT ORRERY_BIN=$<TARGET_FILE:orrery>)
    if(stem MATCHES "slow")
      set_tests_properties(cli.${stem} PROPERTIES LABELS slow TIMEOUT 900)
    endif()
  endforeach()
endif()

# Everything a page shows is run; what is generated is as generated.
find_program(PYTHON3 python3 ${need})
if(TARGET orrery AND PYTHON3)
  file(GLOB pages CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}
       README.md docs/*.md models/*/README.md)
  foreach(page IN LISTS pages)
    add_test(NAME docs.${page} COMMAND ${PYTHON3} tests/docs/check_docs.py ${page}
             WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(docs.${page} PROPERTIES LABELS slow TIMEOUT 300
                         ENVIRONMENT ORRERY_BIN=$<TARGET_FILE:orrery>)
  endforeach()
  add_test(NAME docs.the_reference_is_current
           COMMAND sh -c "$<TARGET_FILE:orrery> list --markdown | diff docs/reference.md -"
           WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  add_test(NAME docs.the_kinds_of_faults_are_current
           COMMAND sh -c "sed -n '/^| kind | strikes/,/^$/p' docs/reference.md | grep . >${PROJECT_BINARY_DIR}/kinds.md && ! grep -vxFf docs/failures.md ${PROJECT_BINARY_DIR}/kinds.md"
           WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  add_test(NAME docs.the_validation_is_current
           COMMAND sh -c "$<TARGET_FILE:orrery> validate --quiet -o validation.md && diff ${PROJECT_SOURCE_DIR}/docs/validation.md validation.md"
           WORKING_DIRECTORY ${PROJECT_BINARY_DIR})
  set_tests_properties(docs.the_reference_is_current docs.the_kinds_of_faults_are_current PROPERTIES LABELS fast TIMEOUT 60)
  set_tests_properties(docs.the_validation_is_current PROPERTIES LABELS slow TIMEOUT 1800)
endif()

orrery_script_test(tools.includes_point_downwards tools/check-includes)
orrery_script_test(tools.a_wrong_include_is_found tools/check-includes-test)
orrery_script_test(tools.what_is_awaited_has_a_name tools/check-coroutines)
orrery_script_test(tools.a_nameless_await_is_found tools/check-coroutines-test)

file(GLOB benches CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/bench/*.cpp)
list(FILTER benches EXCLUDE REGEX "/ns3_[a-z]*\\.cpp$")
if(benches)
  add_executable(orrery-bench ${benches})
  target_link_libraries(orrery-bench PRIVATE orrery_analysis benchmark::benchmark_main)
endif()

# The same packets in ns-3, where that is installed (Debian's package of ns-3 3.37 has a CMake configuration that does not work).
# The linker leaves SimGrid out of this program, which has no use for it.
find_path(NS3_HEADERS ns3/core-module.h)
set(ns3_libraries)
foreach(module IN ITEMS core network internet point-to-point traffic-control)
  find_library(NS3_${module} ns3-${module})
  list(APPEND ns3_libraries ${NS3_${module}})
endforeach()
if(NS3_HEADERS AND NOT ns3_libraries MATCHES "NOTFOUND")
  add_library(orrery-ns3-case OBJECT tests/bench/ns3_case.cpp)
  target_include_directories(orrery-ns3-case PRIVATE ${PROJECT_SOURCE_DIR})
  set_target_properties(orrery-ns3-case PROPERTIES CXX_STANDARD 17)  # its headers are no C++20
  add_executable(orrery-bench-ns3 tests/bench/ns3_bench.cpp tests/bench/net_case.cpp)
  target_link_options(orrery-bench-ns3 PRIVATE LINKER:--as-needed)
  target_link_libraries(orrery-bench-ns3 PRIVATE orrery-ns3-case orrery_scenarios
                        benchmark::benchmark_main ${ns3_libraries})
endif()
