package io.retort.bench;

import io.retort.dialogue.Context;
import io.retort.dialogue.Response;
import io.retort.files.Progress;
import io.retort.graph.ComputeRuntime;
import io.retort.reply.ModelResponder;
import io.retort.reply.ResponderSettings;
import io.retort.reply.TinyIndex;
import io.retort.retrieval.RetrievalModel;
import io.retort.runtime.RuntimeSettings;
import io.retort.safety.SafetyLevel;
import io.retort.search.IndexBuilder;
import io.retort.search.IndexedReplies;
import io.retort.search.KeyedBy;
import io.retort.search.Metric;
import io.retort.search.ModelFingerprint;
import io.retort.serve.ReplyServer;
import io.retort.serve.ServeSettings;
import io.retort.store.ModelFolder;
import io.retort.store.TinyModel;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a reply over HTTP costs beyond the library's call: one client asks the server and the library in turn, with and
 * without a filter and the safety screen, so that whatever else the machine does hits both alike. Without arguments it
 * takes a tiny model, whose encoding takes microseconds and hides nothing; with a model's folder and an index those.
 */
public final class ServeOverhead {
    private static final int WARM = 1000, TIMES = 1500;
    private static final List<String> CONTEXT = List.of("i love tea", "do you like bread", "good cat");

    private ServeOverhead() {}

    /** Measures with the tiny model, or with a model's folder and an index that it made. */
    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createTempDirectory("retort-overhead");
        try (ComputeRuntime runtime = ComputeRuntime.open(RuntimeSettings.defaults())) {
            boolean isTiny = arguments.length < 2;
            ModelFolder model = isTiny
                    ? TinyModel.biEncoder(folder.resolve("tiny"), 1)
                    : ModelFolder.open(Path.of(arguments[0]));
            Path index = isTiny ? tiny(runtime, model, folder.resolve("tiny.index")) : Path.of(arguments[1]);
            int share = isTiny ? 1 : 10;
            System.out.println("| what | library p50 ms | HTTP p50 ms | beyond it, ms |\n|---|---|---|---|");
            measure(runtime, model, index, folder, SafetyLevel.OFF, "", WARM / share, TIMES / share);
            measure(runtime, model, index, folder, SafetyLevel.OFF, ", \"filter\": {\"level\": {\"gte\": 10}}",
                    WARM / share, TIMES / share);
            measure(runtime, model, index, folder, SafetyLevel.STANDARD, "", WARM / share, TIMES / share);
        }
    }

    private static Path tiny(ComputeRuntime runtime, ModelFolder model, Path target) throws IOException {
        IndexedReplies replies = new IndexedReplies(KeyedBy.REPLY);
        List<String> texts = TinyIndex.replies(60);
        for (int i = 0; i < texts.size(); i++) {
            replies.add(new Response(texts.get(i), Optional.of(Map.of("level", i))));
        }
        try (RetrievalModel loaded = model.load(runtime.engine())) {
            new IndexBuilder(loaded, model.name(), new ModelFingerprint(model.fingerprint()), Metric.INNER_PRODUCT)
                    .build(replies, target, Progress.NONE);
        }
        return target;
    }

    private static void measure(ComputeRuntime runtime, ModelFolder model, Path index, Path state, SafetyLevel safety,
            String filter, int warm, int times) throws Exception {
        ServeSettings settings = ServeSettings.defaults().withPort(0)
                .withModel(model.path().toString(), Optional.of(index)).withSafety(safety, Optional.empty());
        String turns = "[\"" + String.join("\", \"", CONTEXT) + "\"]";
        byte[] body = ("{\"context\": " + turns + filter + "}").getBytes(StandardCharsets.UTF_8);
        byte[] head = ("POST /v1/reply HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        byte[] request = Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, request, head.length, body.length);
        long[] library = new long[times], http = new long[times];
        try (ModelResponder responder = ModelResponder.open(runtime, model, index, ResponderSettings.defaults());
                ReplyServer server = ReplyServer.open(runtime, settings);
                Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (int i = -warm; i < times; i++) {
                long begun = System.nanoTime();
                responder.reply(new Context(CONTEXT), 1, null);
                long between = System.nanoTime();
                socket.getOutputStream().write(request);
                answer(in);
                long end = System.nanoTime();
                if (i < 0) continue;
                library[i] = between - begun;
                http[i] = end - between;
            }
        }
        double one = median(library), other = median(http);
        System.out.printf(Locale.ROOT, "| safety %s%s | %.3f | %.3f | %.3f |%n", safety.name().toLowerCase(Locale.ROOT),
                filter.isEmpty() ? "" : ", filter", one, other, other - one);
    }

    private static double median(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2] / 1e6;
    }

    private static void answer(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) throw new IOException("the server closed the connection");
            head.append((char) next);
        }
        if (!head.toString().startsWith("HTTP/1.1 200")) throw new IOException(head.toString());
        String length = head.toString().toLowerCase(Locale.ROOT).split("content-length: ")[1].split("\r\n")[0];
        in.skipNBytes(Integer.parseInt(length.strip()));
    }
}
