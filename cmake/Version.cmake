# ORRERY_VERSION, a string literal: "0.1.0" for a release, "0.1.0+gabc1234" between releases, ".dirty" with changed code.
#
# Only the sources that name it see the commit, so a commit recompiles those and nothing else. The header is brought up
# to date by each build and rewritten only when the text changes.
set(ORRERY_VERSION_HEADER ${CMAKE_BINARY_DIR}/generated/orrery_version.h)
set(write_version ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DVERSION=${PROJECT_VERSION}
    -DHEADER=${ORRERY_VERSION_HEADER} -P ${CMAKE_CURRENT_LIST_DIR}/WriteVersion.cmake)
execute_process(COMMAND ${write_version} COMMAND_ERROR_IS_FATAL ANY)
add_custom_target(orrery_version COMMAND ${write_version} BYPRODUCTS ${ORRERY_VERSION_HEADER}
                  COMMENT "Looking at the version" VERBATIM)
target_compile_definitions(orrery_flags INTERFACE ORRERY_VERSION="${PROJECT_VERSION}")

function(orrery_use_version target)
  foreach(source IN LISTS ARGN)
    file(STRINGS ${source} mention REGEX "ORRERY_VERSION" LIMIT_COUNT 1)
    if(mention)
      set_property(SOURCE ${source} APPEND PROPERTY COMPILE_OPTIONS
                   -include ${ORRERY_VERSION_HEADER})
      set_property(SOURCE ${source} APPEND PROPERTY OBJECT_DEPENDS ${ORRERY_VERSION_HEADER})
    endif()
  endforeach()
endfunction()
