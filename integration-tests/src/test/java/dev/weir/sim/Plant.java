// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

/// One rule of the real sources, taken out.
///
/// @param name what is wrong with it
/// @param invariants letters of which one is expected to break first
/// @param file the source, below the root of the repository
/// @param text exactly as it stands there, once
/// @param instead what stands there instead
record Plant(String name, String invariants, String file, String text, String instead) {

    private static final String CORE = "broker-node/src/main/java/dev/weir/broker/partition/core/";

    private static final String CONTROLLER =
            "metadata-quorum/src/main/java/dev/weir/metadata/controller/core/";

    static Plant inReplica(
            String name, String invariants, String type, String text, String instead) {
        return new Plant(name, invariants, CORE + type + ".java", text, instead);
    }

    static Plant inController(
            String name, String invariants, String type, String text, String instead) {
        return new Plant(name, invariants, CONTROLLER + type + ".java", text, instead);
    }

    /// The class that the source makes.
    String className() {
        var inPackage = file.substring(file.indexOf("/java/") + "/java/".length());
        return inPackage.substring(0, inPackage.length() - ".java".length()).replace('/', '.');
    }
}
