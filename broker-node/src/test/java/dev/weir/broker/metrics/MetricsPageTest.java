// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.api.v1.DescribeTopicRequest;
import dev.weir.api.v1.MetadataServiceGrpc;
import dev.weir.api.v1.TopicRef;
import dev.weir.broker.GeneratedPage;
import dev.weir.broker.TestNode;

import io.grpc.StatusRuntimeException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

class MetricsPageTest {

    @Test
    void thePageOfMetricsIsTheCodes() throws IOException {
        GeneratedPage.check("metrics.md", MetricsPage.text());
    }

    @Test
    void aRunningNodeServesEveryListedMetricAndNoOtherOfOurs(@TempDir Path directory)
            throws Exception {
        var address = "127.0.0.1:" + TestNode.freePort();
        try (var node = TestNode.start(directory, Map.of("metrics.address", address));
                var http = HttpClient.newHttpClient()) {
            refuseOnce(node);

            var text = get(http, address, "/metrics").body();

            var served = new TreeSet<String>();
            var name = Pattern.compile("(?m)^# TYPE (weir_\\S+) ").matcher(text);
            while (name.find()) {
                served.add(name.group(1));
            }
            // Micrometer adds a gauge of the recent maximum to each histogram.
            served.remove(NodeMetric.FLUSHES.prometheusName() + "_max");
            var listed =
                    Arrays.stream(NodeMetric.values())
                            .map(NodeMetric::prometheusName)
                            .collect(Collectors.toCollection(TreeSet::new));
            assertThat(served).isEqualTo(listed);
            assertThat(text)
                    .contains("jvm_memory_used_bytes")
                    .contains("reason=\"UNKNOWN_TOPIC_OR_PARTITION\"");
            assertThat(get(http, address, "/health").statusCode()).isEqualTo(200);
            assertThat(get(http, address, "/other").statusCode()).isEqualTo(404);
        }
    }

    private static void refuseOnce(TestNode node) {
        var stub = MetadataServiceGrpc.newBlockingStub(node.channel());
        var request =
                DescribeTopicRequest.newBuilder()
                        .setTopic(TopicRef.newBuilder().setName("none"))
                        .build();
        assertThatThrownBy(() -> stub.describeTopic(request))
                .isInstanceOf(StatusRuntimeException.class);
    }

    private static HttpResponse<String> get(HttpClient http, String address, String path)
            throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://" + address + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
