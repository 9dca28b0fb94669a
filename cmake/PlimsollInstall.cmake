# SPDX-License-Identifier: Apache-2.0
# What a user installs: the simulator, the contract (never the lab build), the documents.
include(GNUInstallDirs)
if(TARGET plimsoll)
  install(TARGETS plimsoll RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
if(PLM_MODULE_plimsoll_sim)
  install(FILES "${PLM_MODULE_plimsoll_sim}" DESTINATION "${CMAKE_INSTALL_DATADIR}/plimsoll")
endif()
if(EXISTS "${CMAKE_SOURCE_DIR}/docs")
  install(DIRECTORY "${CMAKE_SOURCE_DIR}/docs/" DESTINATION "${CMAKE_INSTALL_DOCDIR}"
          FILES_MATCHING PATTERN "*.md")
endif()
install(FILES LICENSE CHANGELOG.md DESTINATION "${CMAKE_INSTALL_DOCDIR}")
