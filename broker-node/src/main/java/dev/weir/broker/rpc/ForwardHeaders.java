// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/// What a forwarded call carries beside the request: that it is forwarded, and for whom. Believed
/// on the internal listener only.
final class ForwardHeaders {

    private static final Metadata.Key<String> FORWARDED =
            Metadata.Key.of("weir-forwarded", Metadata.ASCII_STRING_MARSHALLER);

    private static final Metadata.Key<byte[]> PRINCIPAL =
            Metadata.Key.of("weir-principal-bin", Metadata.BINARY_BYTE_MARSHALLER);

    private ForwardHeaders() {}

    /// Marks calls as forwarded for a principal.
    static ClientInterceptor marking(Principal principal) {
        var headers = new Metadata();
        headers.put(FORWARDED, "1");
        headers.put(PRINCIPAL, principal.name().getBytes(StandardCharsets.UTF_8));
        return MetadataUtils.newAttachHeadersInterceptor(headers);
    }

    /// For whom a call is forwarded; `null` if it is not.
    static @Nullable Principal principal(Metadata headers) {
        var name = headers.get(PRINCIPAL);
        return headers.containsKey(FORWARDED) && name != null
                ? new Principal(new String(name, StandardCharsets.UTF_8))
                : null;
    }
}
