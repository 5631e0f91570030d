#!/bin/sh
# Builds archetype_VERSION_ARCHITECTURE.deb in a folder from the programs of `make build`: build.sh FOLDER
set -eu
cd "$(dirname "$0")/../.."
out=$1
mkdir -p "$out"
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"

make -s -o build install DESTDIR="$root" PREFIX=/usr SYSTEMD=/usr/lib/systemd/system
version=$("$root/usr/bin/archetype" version | head -1 | sed 's/[^0-9]*\([0-9.]*\).*/\1/')
architecture=$(dpkg --print-architecture)
strip --strip-unneeded "$root"/usr/bin/*

# dpkg-shlibdeps wants a source package around it.
mkdir "$root/debian"
printf 'Source: archetype\n\nPackage: archetype\nArchitecture: any\n' > "$root/debian/control"
depends=$(cd "$root" && dpkg-shlibdeps -O --ignore-missing-info usr/bin/* 2> /dev/null | sed -n 's/^shlibs:Depends=//p')
rm -r "$root/debian"
[ -n "$depends" ] || { echo 'error: dpkg-shlibdeps: found no libraries (install dpkg-dev)' >&2; exit 1; }

install -d "$root/DEBIAN"
mv "$root/usr/share/doc/archetype/LICENSE" "$root/usr/share/doc/archetype/copyright"
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@DEPENDS@/$depends/" compose/debian/control.in > "$root/DEBIAN/control"
install -m 755 compose/debian/postinst compose/debian/prerm compose/debian/postrm "$root/DEBIAN"
(cd "$root" && find etc -type f -printf '/%p\n') > "$root/DEBIAN/conffiles"
dpkg-deb --root-owner-group --build "$root" "$out/archetype_${version}_$architecture.deb"
