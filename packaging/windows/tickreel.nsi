; The Windows installer. Built from the bundle, on Windows or anywhere that has NSIS 3:
;
;   makensis -DVERSION=0.1.0 -DBUNDLE=build\bundle\tickreel -DOUT=build\packages\Tickreel-0.1.0.exe packaging\windows\tickreel.nsi
;
; For all users or one, by the dialog or silently:
;
;   Tickreel-0.1.0.exe /S /AllUsers        as administrator, below Program Files
;   Tickreel-0.1.0.exe /S /CurrentUser     without any rights, below %LOCALAPPDATA%\Programs
;   Tickreel-0.1.0.exe /S /D=C:\Tools\Tickreel
;   Uninstall.exe /S                       the user's data stays
;   Uninstall.exe /S /DELETEDATA           ... and this user's data is deleted too
;
; A newer version replaces the older one wherever that was installed; data and settings are not touched.

Unicode true
ManifestDPIAware true
SetCompressor /SOLID lzma

!define NAME "Tickreel"
!define ID "io.tickreel.Tickreel"
!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\${ID}"
!define MULTIUSER_EXECUTIONLEVEL Highest
!define MULTIUSER_MUI
!define MULTIUSER_INSTALLMODE_COMMANDLINE
!define MULTIUSER_INSTALLMODE_INSTDIR "${NAME}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_KEY "${UNINSTALL_KEY}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_VALUENAME "InstallLocation"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_KEY "${UNINSTALL_KEY}"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_VALUENAME "InstallLocation"
!define MULTIUSER_USE_PROGRAMFILES64

!include MultiUser.nsh
!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include x64.nsh

Name "${NAME} ${VERSION}"
OutFile "${OUT}"
BrandingText " "
ShowInstDetails nevershow
ShowUninstDetails nevershow

VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "FileDescription" "${NAME} installer"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "the Tickreel maintainers, Apache-2.0"

!ifdef SIGN
  !finalize '${SIGN} "%1"' = 0
  !uninstfinalize '${SIGN} "%1"' = 0
!endif

!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_LICENSE "${LICENSE}"
!insertmacro MULTIUSER_PAGE_INSTALLMODE
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\tickreel-desktop.exe"
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

Function .onInit
  ${IfNot} ${RunningX64}
    MessageBox MB_ICONSTOP "Tickreel needs a 64-bit Windows." /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}
  SetRegView 64
  !insertmacro MULTIUSER_INIT
FunctionEnd

Function un.onInit
  SetRegView 64
  !insertmacro MULTIUSER_UNINIT
FunctionEnd

; A program that runs holds its files; ask for it to be closed rather than leave half of each version.
!macro RefuseWhileRunning
  ${If} ${FileExists} "$INSTDIR\tickreel-desktop.exe"
    ClearErrors
    FileOpen $0 "$INSTDIR\tickreel-desktop.exe" a
    ${If} ${Errors}
      MessageBox MB_ICONSTOP "Tickreel is running. Close it and try again." /SD IDOK
      SetErrorLevel 3
      Quit
    ${EndIf}
    FileClose $0
  ${EndIf}
!macroend

Section "Install"
  !insertmacro RefuseWhileRunning
  ; Libraries of an older version beside those of this one would be loaded by name.
  RMDir /r "$INSTDIR\_internal"
  SetOutPath "$INSTDIR"
  File /r "${BUNDLE}/*"
  WriteUninstaller "$INSTDIR\Uninstall.exe"

  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\tickreel-desktop.exe"
  WriteRegStr SHCTX "Software\Microsoft\Windows\CurrentVersion\App Paths\tickreel-desktop.exe" "" "$INSTDIR\tickreel-desktop.exe"
  WriteRegStr SHCTX "Software\Microsoft\Windows\CurrentVersion\App Paths\tickreel.exe" "" "$INSTDIR\tickreel.exe"

  WriteRegStr SHCTX "Software\Classes\tickreel" "" "URL:${NAME} link"
  WriteRegStr SHCTX "Software\Classes\tickreel" "URL Protocol" ""
  WriteRegStr SHCTX "Software\Classes\tickreel\shell\open\command" "" '"$INSTDIR\tickreel-desktop.exe" --open "%1"'
  ; Offered for what is compressed, never made the usual program of it.
  WriteRegStr SHCTX "Software\Classes\${ID}.csv" "" "Tick data of a day"
  WriteRegStr SHCTX "Software\Classes\${ID}.csv\shell\open\command" "" '"$INSTDIR\tickreel-desktop.exe" "%1"'
  WriteRegStr SHCTX "Software\Classes\.gz\OpenWithProgids" "${ID}.csv" ""
  WriteRegStr SHCTX "Software\Classes\.zst\OpenWithProgids" "${ID}.csv" ""
  WriteRegStr SHCTX "Software\Classes\.csv\OpenWithProgids" "${ID}.csv" ""

  WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayName" "${NAME}"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\tickreel-desktop.exe"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "Publisher" "Tickreel"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\Uninstall.exe" /$MultiUser.InstallMode'
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\Uninstall.exe" /S /$MultiUser.InstallMode'
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  IntFmt $0 "0x%08X" $0
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "EstimatedSize" "$0"
SectionEnd

Section "Uninstall"
  !insertmacro RefuseWhileRunning
  ${GetParameters} $1
  ClearErrors
  ${GetOptions} $1 "/DELETEDATA" $2
  ${IfNot} ${Errors}
    ; Only what is a home: another folder of that name is not ours.
    ${If} ${FileExists} "$LOCALAPPDATA\tickreel\catalog.sqlite"
      RMDir /r "$LOCALAPPDATA\tickreel"
    ${EndIf}
  ${EndIf}
  Delete "$SMPROGRAMS\${NAME}.lnk"
  DeleteRegKey SHCTX "Software\Microsoft\Windows\CurrentVersion\App Paths\tickreel-desktop.exe"
  DeleteRegKey SHCTX "Software\Microsoft\Windows\CurrentVersion\App Paths\tickreel.exe"
  DeleteRegKey SHCTX "Software\Classes\tickreel"
  DeleteRegKey SHCTX "Software\Classes\${ID}.csv"
  DeleteRegValue SHCTX "Software\Classes\.gz\OpenWithProgids" "${ID}.csv"
  DeleteRegValue SHCTX "Software\Classes\.zst\OpenWithProgids" "${ID}.csv"
  DeleteRegValue SHCTX "Software\Classes\.csv\OpenWithProgids" "${ID}.csv"
  DeleteRegKey SHCTX "${UNINSTALL_KEY}"
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\tickreel.exe"
  Delete "$INSTDIR\tickreel-desktop.exe"
  Delete "$INSTDIR\Uninstall.exe"
  RMDir "$INSTDIR"
SectionEnd
