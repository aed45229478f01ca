// SPDX-License-Identifier: Apache-2.0
/// Micro benchmarks of the hot path's pieces, run by JMH. Whole-cluster load is `weir bench`.
///
/// `./mvnw -q -DskipTests package` and then `java -cp
/// 'benchmarks/target/benchmarks.jar:broker-node/target/lib/*:benchmarks/target/lib/*'
/// org.openjdk.jmh.Main`. Nothing here is asserted: figures go where they are read side by side.
package dev.weir.benchmarks;
