// SPDX-License-Identifier: Apache-2.0
/// The metadata quorum of one node: Apache Ratis behind the [dev.weir.metadata.log.MetadataLog]
/// port, and the facade that a broker starts.
///
/// The only package that imports `org.apache.ratis`; what the library does that we must guard
/// against is in `docs/adr/0005-embedding-ratis.md`. Owns the Raft part of a quorum directory and
/// the published image. Loggers: everything of the library is under `org.apache.ratis`; run it at
/// WARN, and `org.apache.ratis.grpc.server.GrpcLogAppender` at ERROR, which otherwise writes a
/// stack trace for each lost peer. The shaded gRPC logs through `java.util.logging` under
/// `org.apache.ratis.thirdparty`.
@NullMarked
package dev.weir.metadata.quorum;

import org.jspecify.annotations.NullMarked;
