# Writes OUT, which adds a test to ctest for every suite of test program EXE, each case of which runs in a process of its own.
# Called when ctest starts: PREFIX goes before the names, suites with "Slow" in theirs are labelled slow and others fast.
execute_process(COMMAND ${EXE} --gtest_list_tests OUTPUT_VARIABLE list RESULT_VARIABLE failed WORKING_DIRECTORY ${ROOT})
if(failed)
  message(FATAL_ERROR "${EXE} cannot list its tests: ${failed}")
endif()
string(REPLACE ";" "," list "${list}")
string(REPLACE "\n" ";" lines "${list}")
set(text)
foreach(line IN LISTS lines)
  if(NOT line MATCHES "^([A-Za-z0-9_/]+)\\.")
    continue()
  endif()
  set(suite ${CMAKE_MATCH_1})
  set(label fast)
  set(timeout 300)
  set(cost 0)
  if(suite MATCHES "Slow")
    set(label slow)
    set(timeout 900)
    set(cost 1000)  # begun first, lest it runs alone at the end
  endif()
  set(name "${PREFIX}.${suite}")
  string(APPEND text "add_test(\"${name}\" \"${EXE}\" \"--gtest_filter=${suite}.*\")\n"
         "set_tests_properties(\"${name}\" PROPERTIES LABELS ${label} TIMEOUT ${timeout} COST ${cost} "
         "SKIP_RETURN_CODE 77 WORKING_DIRECTORY \"${ROOT}\")\n")
endforeach()
file(WRITE ${OUT} "${text}")
