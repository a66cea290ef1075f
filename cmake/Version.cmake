# ORRERY_VERSION, a string literal: "0.1.0" for a release, "0.1.0+gabc1234" between releases, ".dirty" with changed code.
#
# Only analysis/version.cpp sees the commit, so a commit recompiles that and nothing else. The header is brought up to date by
# each build and rewritten only when the text changes.
set(ORRERY_VERSION_HEADER ${CMAKE_BINARY_DIR}/generated/orrery_version.h)
set(write_version ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DVERSION=${PROJECT_VERSION}
    -DHEADER=${ORRERY_VERSION_HEADER}
    "-DBUILD=${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION} ${CMAKE_BUILD_TYPE} ${CMAKE_CXX_FLAGS} SimGrid ${SIMGRID_VERSION} Boost ${Boost_VERSION}"
    -P ${CMAKE_CURRENT_LIST_DIR}/WriteVersion.cmake)
execute_process(COMMAND ${write_version} COMMAND_ERROR_IS_FATAL ANY)
add_custom_target(orrery_version COMMAND ${write_version} BYPRODUCTS ${ORRERY_VERSION_HEADER}
                  COMMENT "Looking at the version" VERBATIM)
set_source_files_properties(${PROJECT_SOURCE_DIR}/analysis/version.cpp PROPERTIES
                            COMPILE_OPTIONS "-include;${ORRERY_VERSION_HEADER}"
                            OBJECT_DEPENDS ${ORRERY_VERSION_HEADER})
