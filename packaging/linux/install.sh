#!/bin/sh
# Make the Tickreel that lies in this folder known to the desktop around it, or forget it again.
#
#   ./install.sh                 for this user: commands in ~/.local/bin, menu entry in ~/.local/share
#   ./install.sh --prefix DIR    below DIR, such as /usr/local
#   ./install.sh --remove        take back what was put there; the folder itself and all data stay
#   ./install.sh --remove --delete-data    ... and delete this user's home of Tickreel as well
#
# Nothing is copied but the menu entry: the programs run from here, wherever that is. Nothing asks.
set -eu

here=$(cd "$(dirname "$0")" && pwd -P)
prefix="$HOME/.local"
remove=no
delete_data=no
id=io.tickreel.Tickreel

fail() {
    echo "install.sh: $1" >&2
    exit 2
}

while [ $# -gt 0 ]; do
    case $1 in
        --prefix)
            [ $# -ge 2 ] || fail "--prefix needs a folder"
            prefix=$2
            shift
            ;;
        --remove) remove=yes ;;
        --delete-data) delete_data=yes ;;
        *) fail "$1 is not known; the options stand at the top of this file" ;;
    esac
    shift
done
[ "$delete_data" = no ] || [ "$remove" = yes ] || fail "--delete-data goes with --remove"

bin="$prefix/bin"
share="$prefix/share"

tell_desktop() {
    if command -v update-desktop-database >/dev/null; then
        update-desktop-database -q "$share/applications"
    fi
    if command -v update-mime-database >/dev/null && [ -d "$share/mime/packages" ]; then
        update-mime-database "$share/mime"
    fi
}

if [ "$remove" = yes ]; then
    for program in tickreel tickreel-desktop; do
        # Another Tickreel's command is not ours to take.
        if [ "$(readlink "$bin/$program" 2>/dev/null)" = "$here/$program" ]; then
            rm "$bin/$program"
        fi
    done
    rm -f "$share/applications/$id.desktop" "$share/mime/packages/$id.xml" \
        "$share/metainfo/$id.metainfo.xml" "$share/icons/hicolor/scalable/apps/$id.svg"
    tell_desktop
    if [ "$delete_data" = yes ]; then
        home=${TICKREEL_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/tickreel}
        # Only what is a home: a wrong variable must not cost other files.
        if [ -f "$home/catalog.sqlite" ]; then
            rm -rf "$home"
            echo "Deleted $home"
        else
            echo "There is no home of Tickreel at $home; nothing was deleted there" >&2
        fi
    fi
    echo "Tickreel is forgotten; its folder $here can be deleted"
    exit 0
fi

mkdir -p "$bin" "$share/applications" "$share/mime/packages" "$share/metainfo" "$share/icons/hicolor/scalable/apps"
for program in tickreel tickreel-desktop; do
    ln -sf "$here/$program" "$bin/$program"
done
# The menu need not have our folder on its path.
sed -e "s|^Exec=tickreel-desktop|Exec=\"$here/tickreel-desktop\"|" -e "s|^TryExec=.*|TryExec=$here/tickreel-desktop|" \
    "$here/share/$id.desktop" >"$share/applications/$id.desktop"
cp "$here/share/$id.xml" "$share/mime/packages/$id.xml"
cp "$here/share/$id.metainfo.xml" "$share/metainfo/$id.metainfo.xml"
cp "$here/share/$id.svg" "$share/icons/hicolor/scalable/apps/$id.svg"
tell_desktop
echo "Tickreel is in the menu; its commands are $bin/tickreel and $bin/tickreel-desktop"
case ":$PATH:" in
    *":$bin:"*) ;;
    *) echo "$bin is not on the PATH of this shell" ;;
esac
