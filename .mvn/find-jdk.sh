# Sourced by ./mvnw and ./weir. Exports JAVA_HOME of a JDK 25, or ends the caller with the cure.
# Reads each candidate's `release` file, so that looking costs no JVM start.

weir_is_jdk25() {
    [ -n "$1" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] &&
        grep -q '^JAVA_VERSION="25[."]' "$1/release"
}

weir_find_jdk25() {
    for home in "${JAVA_HOME-}" "${JDK25_HOME-}" "${JAVA_HOME_25_X64-}"; do
        if weir_is_jdk25 "$home"; then echo "$home"; return 0; fi
    done
    if javac=$(command -v javac 2>/dev/null); then
        home=$(readlink -f "$javac"); home=${home%/bin/javac}
        if weir_is_jdk25 "$home"; then echo "$home"; return 0; fi
    fi
    for home in /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* \
        "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* "$HOME"/.asdf/installs/java/* \
        "$HOME"/.local/share/mise/installs/java/*; do
        if weir_is_jdk25 "$home"; then echo "$home"; return 0; fi
    done
    return 1
}

if JAVA_HOME=$(weir_find_jdk25); then
    export JAVA_HOME
else
    echo "error: no JDK 25 found (looked at JAVA_HOME, JDK25_HOME, PATH, /usr/lib/jvm, /opt, ~/.sdkman, ~/.jdks)" >&2
    echo "cure:  install one, for example 'apt install temurin-25-jdk', or set JDK25_HOME=/path/to/jdk-25" >&2
    exit 1
fi
