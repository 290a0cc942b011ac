#!/bin/bash
# Make the .pkg and the .dmg from the bundle, on a Mac: packaging/macos/build.sh VERSION
#
# Signed where APPLE_APPLICATION_IDENTITY and APPLE_INSTALLER_IDENTITY name certificates of the keychain, and
# notarised where APPLE_NOTARY_PROFILE names what `xcrun notarytool store-credentials` kept; else neither.
# Silently: sudo installer -pkg Tickreel-VERSION.pkg -target /
# For one user: installer -pkg Tickreel-VERSION.pkg -target CurrentUserHomeDirectory
set -euo pipefail

version=${1:?the version, such as 0.1.0}
root=$(cd "$(dirname "$0")/../.." && pwd)
app="$root/build/bundle/Tickreel.app"
out="$root/build/packages"
work="$root/build/macos"
id=io.tickreel.Tickreel

[ -d "$app" ] || {
    echo "There is no $app: make bundle first, on a Mac" >&2
    exit 1
}
rm -rf "$work"
mkdir -p "$work/root/Applications" "$work/scripts" "$out"
cp -R "$app" "$work/root/Applications/"

if [ -n "${APPLE_APPLICATION_IDENTITY:-}" ]; then
    # Inner files first; the hardened runtime must let Numba make code at run time.
    find "$work/root/Applications/Tickreel.app" -type f \( -name '*.dylib' -o -name '*.so' -o -perm -u+x \) -print0 |
        xargs -0 codesign --force --timestamp --options runtime --entitlements "$root/packaging/macos/entitlements.plist" \
            --sign "$APPLE_APPLICATION_IDENTITY"
    codesign --force --timestamp --options runtime --entitlements "$root/packaging/macos/entitlements.plist" \
        --sign "$APPLE_APPLICATION_IDENTITY" "$work/root/Applications/Tickreel.app"
    codesign --verify --deep --strict "$work/root/Applications/Tickreel.app"
fi

# The command line on the path, where all users install it; for one user its place is said in the guide.
cat >"$work/scripts/postinstall" <<'SCRIPT'
#!/bin/sh
if [ "$2" = "/Applications" ] || [ "$3" = "/" ]; then
    mkdir -p /usr/local/bin
    ln -sf /Applications/Tickreel.app/Contents/MacOS/tickreel /usr/local/bin/tickreel
fi
exit 0
SCRIPT
chmod +x "$work/scripts/postinstall"

pkgbuild --root "$work/root" --identifier "$id" --version "$version" --install-location / \
    --scripts "$work/scripts" "$work/component.pkg"
sign=()
if [ -n "${APPLE_INSTALLER_IDENTITY:-}" ]; then
    sign=(--sign "$APPLE_INSTALLER_IDENTITY")
fi
productbuild --package "$work/component.pkg" ${sign[@]+"${sign[@]}"} "$out/Tickreel-$version.pkg"

mkdir "$work/image"
cp -R "$work/root/Applications/Tickreel.app" "$work/image/"
ln -s /Applications "$work/image/Applications"
hdiutil create -volname Tickreel -srcfolder "$work/image" -format ULFO -ov "$out/Tickreel-$version.dmg"

if [ -n "${APPLE_NOTARY_PROFILE:-}" ]; then
    for made in "$out/Tickreel-$version.pkg" "$out/Tickreel-$version.dmg"; do
        xcrun notarytool submit "$made" --keychain-profile "$APPLE_NOTARY_PROFILE" --wait
        xcrun stapler staple "$made"
    done
fi
