# Where the program looks for scenarios and profiles: the sources it was built from, else what was installed.
set_source_files_properties(
  ${PROJECT_SOURCE_DIR}/analysis/data_paths.cpp PROPERTIES
  COMPILE_DEFINITIONS "ORRERY_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\";ORRERY_DATA_DIR=\"${CMAKE_INSTALL_FULL_DATADIR}/orrery\"")

# orrery_units(TARGET FILES...) compiles each folder of the sources as one translation unit: most of a source's compile time is its
# headers. So names in anonymous namespaces are unique within their folder.
function(orrery_units target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  foreach(file IN LISTS ARGN)
    cmake_path(RELATIVE_PATH file BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE group)
    cmake_path(GET group PARENT_PATH group)
    string(REPLACE "/" "_" group ${group})
    set_source_files_properties(${file} PROPERTIES UNITY_GROUP ${group})
  endforeach()
endfunction()

# orrery_layer(NAME [EXCEPT files...] [LINK libraries...])
# makes the library orrery_NAME from every source under NAME/. A layer without sources yet is an interface.
function(orrery_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "EXCEPT;LINK")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${name}/*.cpp)
  foreach(file IN LISTS arg_EXCEPT)
    list(REMOVE_ITEM sources ${PROJECT_SOURCE_DIR}/${name}/${file})
  endforeach()
  if(sources)
    add_library(orrery_${name} STATIC ${sources})
    orrery_units(orrery_${name} ${sources})
    set(scope PUBLIC)
  else()
    add_library(orrery_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(orrery_${name} ${scope} orrery_flags ${arg_LINK})
endfunction()

# orrery_executable(NAME main.cpp) adds the program once its main file exists.
function(orrery_executable name main)
  file(GLOB source CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${main})
  if(source)
    add_executable(${name} ${source})
    target_link_libraries(${name} PRIVATE orrery_analysis)
  endif()
endfunction()

# orrery_sanitized(NAME) makes orrery_NAME_sanitized, the same layer for the tests: with sanitizers, on top of layers like it.
function(orrery_sanitized name)
  get_target_property(sources orrery_${name} SOURCES)
  get_target_property(links orrery_${name} LINK_LIBRARIES)
  list(TRANSFORM links REPLACE "^orrery_flags$" "orrery_sanitized_flags")
  list(TRANSFORM links REPLACE "^orrery_(sim|models|scenarios|analysis)$" "orrery_\\1_sanitized")
  add_library(orrery_${name}_sanitized STATIC ${sources})
  orrery_units(orrery_${name}_sanitized ${sources})
  target_link_libraries(orrery_${name}_sanitized PUBLIC ${links})
  target_compile_options(orrery_${name}_sanitized PRIVATE -O1)
endfunction()
