#!/bin/sh
# run.sh JAVA_HOME TARGET ARG...   starts the program from TARGET's jars.
# By default the first 21 MB of classes end in a full collection, long enough for an election.
# A node gets the server's JVM; every other command a small one that starts fast.
java_home=$1
target=$2
shift 2
case ${1-} in
    server) jvm="-XX:+UseParallelGC -XX:MetaspaceSize=128m -Xms${WEIR_HEAP:-512m} -Xmx${WEIR_HEAP:-512m} -XX:+ExitOnOutOfMemoryError" ;;
    bench) jvm="-XX:+UseParallelGC -Xmx${WEIR_HEAP:-512m}" ;;
    produce | consume) jvm="-XX:+UseSerialGC -Xmx${WEIR_HEAP:-256m}" ;;
    quickstart) jvm="-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx${WEIR_HEAP:-512m}" ;;
    *) jvm="-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx${WEIR_HEAP:-128m}" ;;
esac
# Ratis' shaded protobuf and our Netty both need sun.misc.Unsafe; without the flag the JVM warns.
exec "$java_home/bin/java" $jvm -XX:+UseCompactObjectHeaders -Xshare:auto \
    --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${WEIR_JVM_OPTS-} \
    -cp "$target/weir.jar:$target/lib/*" dev.weir.cli.Weir "$@"
