# Tests: one program per layer and kind, in which each case is a process (tests/main.cpp), and one test of ctest per suite.
#
# What follows one mechanism at a time (sim, models, scenarios, analysis) and every scenario of the library, shortened, runs with
# sanitizers; what runs the whole for numbers (theory, integration, documents, the command line) with the release.
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
foreach(layer IN ITEMS sim models scenarios analysis)
  orrery_sanitized(${layer})
endforeach()

add_library(orrery-test-main OBJECT tests/main.cpp)
target_link_libraries(orrery-test-main PRIVATE orrery_flags GTest::gmock)

# orrery_tests(FOLDER LIBRARY): tests start at the root of the sources. Under sanitizers the tests themselves are not optimised,
# which would take longer than it saves.
function(orrery_tests folder library)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${folder}/*.cpp)
  set(target orrery-test-${folder})
  add_executable(${target} ${sources} $<TARGET_OBJECTS:orrery-test-main>)
  orrery_units(${target} ${sources})
  target_link_libraries(${target} PRIVATE ${library} GTest::gmock rapidcheck_gmock rapidcheck_gtest)
  if(library MATCHES "_sanitized$")
    target_compile_options(${target} PRIVATE -O0)
  endif()
  set(list ${PROJECT_BINARY_DIR}/${target})
  file(GENERATE OUTPUT ${list}.cmake CONTENT
"if(NOT EXISTS \"$<TARGET_FILE:${target}>\")
  add_test(${folder}.NOT_BUILT NOT_BUILT)
  return()
endif()
if(\"$<TARGET_FILE:${target}>\" IS_NEWER_THAN \"${list}.suites\")
  execute_process(COMMAND \"${CMAKE_COMMAND}\" \"-DEXE=$<TARGET_FILE:${target}>\" \"-DOUT=${list}.suites\" -DPREFIX=${folder}
                          \"-DROOT=${PROJECT_SOURCE_DIR}\" -P \"${PROJECT_SOURCE_DIR}/cmake/DiscoverSuites.cmake\"
                  COMMAND_ERROR_IS_FATAL ANY)
endif()
include(\"${list}.suites\")
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${list}.cmake)
endfunction()

orrery_tests(sim orrery_sim_sanitized)
orrery_tests(models orrery_scenarios_sanitized)
orrery_tests(scenarios orrery_scenarios_sanitized)
orrery_tests(analysis orrery_analysis_sanitized)
orrery_tests(library orrery_analysis_sanitized)
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
  set_tests_properties(docs.the_reference_is_current docs.the_kinds_of_faults_are_current PROPERTIES LABELS fast TIMEOUT 60)
endif()

# Every published figure is predicted once, before anything else is started; the page and the calibration are held against that.
if(TARGET orrery)
  add_test(NAME validation.runs COMMAND bash tests/validation/run.sh ${PROJECT_BINARY_DIR}/validation)
  add_test(NAME validation.every_fitted_figure_is_met COMMAND bash tests/validation/every_fitted_figure_is_met.sh ${PROJECT_BINARY_DIR}/validation)
  add_test(NAME docs.the_validation_is_current COMMAND diff docs/validation.md ${PROJECT_BINARY_DIR}/validation/validation.md)
  set_tests_properties(validation.runs PROPERTIES FIXTURES_SETUP validation COST 10000 PROCESSORS 2)
  set_tests_properties(validation.every_fitted_figure_is_met docs.the_validation_is_current PROPERTIES FIXTURES_REQUIRED validation)
  set_tests_properties(validation.runs validation.every_fitted_figure_is_met docs.the_validation_is_current PROPERTIES
                       LABELS slow TIMEOUT 1800 WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} ENVIRONMENT ORRERY_BIN=$<TARGET_FILE:orrery>)
endif()

orrery_script_test(tools.includes_point_downwards tools/check-includes)
orrery_script_test(tools.a_wrong_include_is_found tools/check-includes-test)
if(PYTHON3)
  add_test(NAME tools.no_files_include_each_other COMMAND ${PYTHON3} tools/check-include-cycles WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(tools.no_files_include_each_other PROPERTIES LABELS fast TIMEOUT 60)
  orrery_script_test(tools.a_ring_of_includes_is_found tools/check-include-cycles-test)
endif()
orrery_script_test(tools.what_is_awaited_has_a_name tools/check-coroutines)
orrery_script_test(tools.a_nameless_await_is_found tools/check-coroutines-test)

file(GLOB benches CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/bench/*.cpp)
list(FILTER benches EXCLUDE REGEX "/ns3_[a-z]*\\.cpp$")
if(benches)
  add_executable(orrery-bench EXCLUDE_FROM_ALL ${benches})
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
  add_library(orrery-ns3-case OBJECT EXCLUDE_FROM_ALL tests/bench/ns3_case.cpp)
  target_include_directories(orrery-ns3-case PRIVATE ${PROJECT_SOURCE_DIR})
  set_target_properties(orrery-ns3-case PROPERTIES CXX_STANDARD 17)  # its headers are no C++20
  add_executable(orrery-bench-ns3 EXCLUDE_FROM_ALL tests/bench/ns3_bench.cpp tests/bench/net_case.cpp)
  target_link_options(orrery-bench-ns3 PRIVATE LINKER:--as-needed)
  target_link_libraries(orrery-bench-ns3 PRIVATE orrery-ns3-case orrery_scenarios
                        benchmark::benchmark_main ${ns3_libraries})
endif()
