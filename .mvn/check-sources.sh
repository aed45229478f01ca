#!/bin/sh
# check-sources.sh FORMATTER_JAR [fix]   google-java-format, file size, licence line. Without `fix` it only checks.
set -eu
cd "$(dirname "$0")/.."
formatter=$1
mode=${2:-check}
sources=$(mktemp)
trap 'rm -f "$sources"' EXIT
find . -name target -prune -o -name '*.java' -print | sort >"$sources"
exports=
for package in api code file parser tree util; do
    exports="$exports --add-exports=jdk.compiler/com.sun.tools.javac.$package=ALL-UNNAMED"
done
gjf() { "$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 $exports -jar "$formatter" --aosp "$@" "@$sources"; }
failed=0
if [ "$mode" = fix ]; then
    gjf --replace
elif ! gjf --dry-run --set-exit-if-changed; then
    echo "error: the files above are not formatted" >&2
    echo "cure:  ./mvnw -q -N -Pformat validate" >&2
    failed=1
fi
while read -r file; do
    lines=$(wc -l <"$file")
    if [ "$lines" -gt 600 ]; then
        echo "error: $file has $lines lines; 600 is the limit, 400 the aim: split it by decision" >&2
        failed=1
    fi
    case $(head -n 1 "$file") in
        '// SPDX-License-Identifier: Apache-2.0') ;;
        *)
            echo "error: $file: the first line must be '// SPDX-License-Identifier: Apache-2.0'" >&2
            failed=1
            ;;
    esac
done <"$sources"
exit $failed
