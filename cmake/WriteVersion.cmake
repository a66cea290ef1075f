# Writes HEADER, which defines ORRERY_VERSION from VERSION and the state of the git clone in SOURCE, if there is one, and
# ORRERY_PROGRAM_HASH from what the program is made of: its sources and BUILD, the compiler and its flags.
cmake_policy(VERSION 3.25)
set(text ${VERSION})
find_program(GIT git)
if(GIT AND EXISTS ${SOURCE}/.git)
  set(git ${GIT} -C ${SOURCE} --no-optional-locks)
  execute_process(COMMAND ${git} describe --always --abbrev=7 --tags --match v${VERSION}
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
                  RESULT_VARIABLE failed)
  if(NOT failed)
    execute_process(COMMAND ${git} diff --quiet HEAD -- *.cpp *.hpp *.cmake CMakeLists.txt
                    RESULT_VARIABLE dirty OUTPUT_QUIET ERROR_QUIET)
    string(REGEX REPLACE "^v[0-9.]+-([0-9]+)-g" "\\1.g" commit "${commit}")
    if(NOT commit STREQUAL "v${VERSION}")
      string(REGEX REPLACE "^([0-9a-f]+)$" "g\\1" commit "${commit}")
      string(APPEND text "+${commit}")
    endif()
    if(dirty)
      string(APPEND text ".dirty")
    endif()
  endif()
endif()
set(program "${BUILD}")
foreach(layer IN ITEMS sim models scenarios analysis)
  file(GLOB_RECURSE files RELATIVE ${SOURCE} ${SOURCE}/${layer}/*.cpp ${SOURCE}/${layer}/*.hpp)
  foreach(file IN LISTS files)
    file(SHA256 ${SOURCE}/${file} hash)
    string(APPEND program "\n${file} ${hash}")
  endforeach()
endforeach()
string(SHA256 hash "${program}")
file(CONFIGURE OUTPUT ${HEADER} @ONLY CONTENT
     "#undef ORRERY_VERSION
#define ORRERY_VERSION \"@text@\"
#define ORRERY_PROGRAM_HASH \"@hash@\"
")
