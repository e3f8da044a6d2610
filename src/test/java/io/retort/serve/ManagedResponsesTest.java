package io.retort.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.retort.store.TinyModel;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Responses, index and model change while the server runs, and what was changed outlives it. */
class ManagedResponsesTest {
    @TempDir
    Path folder;

    private static List<String> texts(JsonNode replies) {
        List<String> texts = new ArrayList<>();
        replies.forEach(each -> texts.add(each.path("text").asText()));
        return texts;
    }

    private static List<String> all(TinyServer tiny, String more) throws Exception {
        return texts(
                tiny.post("/v1/reply", "{\"context\": [\"hello\"], \"k\": 100" + more + "}").json().path("replies"));
    }

    private static int delete(TinyServer tiny, String id) throws Exception {
        return tiny.send(HttpRequest.newBuilder(URI.create(tiny.url("/v1/responses/" + id))).DELETE()).status();
    }

    @Test
    void whatIsAddedAndDisabledCountsAtOnceAndAfterARestart() throws Exception {
        for (boolean poly : List.of(false, true)) {
            Path own = Files.createDirectory(folder.resolve("poly-" + poly));
            try (TinyServer tiny = new TinyServer(own,
                    poly ? TinyModel.polyEncoder(own.resolve("m"), 3) : TinyModel.biEncoder(own.resolve("m"), 3),
                    usual -> usual)) {
                List<String> before = all(tiny, "");
                TinyServer.Answer added = tiny.post("/v1/responses",
                        "{\"text\": \"never eat rain\", \"metadata\": {\"mood\": \"odd\"}}");
                assertEquals(201, added.status());
                assertEquals("added", added.json().at("/responses/0/result").asText());
                assertEquals(200, tiny.post("/v1/responses", "{\"text\": \"Never eat  rain\"}").status());
                assertEquals(200, delete(tiny, ResponseIds.of(before.getFirst())));
                assertEquals(404, delete(tiny, "0123456789abcdef"));
                assertChanged(tiny, before);
                tiny.server().close();
                tiny.open(usual -> usual);
                assertChanged(tiny, before);
                assertEquals("enabled", tiny.post("/v1/responses", "{\"text\": \"" + before.getFirst() + "\"}").json()
                        .at("/responses/0/result").asText());
                assertTrue(all(tiny, "").contains(before.getFirst()));
            }
        }
    }

    private static void assertChanged(TinyServer tiny, List<String> before) throws Exception {
        List<String> now = all(tiny, "");
        assertTrue(now.contains("never eat rain"));
        assertFalse(now.contains(before.getFirst()));
        assertEquals(before.size(), now.size());
        assertEquals(List.of("never eat rain"), all(tiny, ", \"filter\": {\"mood\": \"odd\"}"));
        JsonNode listed = tiny.get("/v1/responses?state=added").json();
        assertEquals("never eat rain", listed.at("/responses/0/text").asText());
        assertEquals("odd", listed.at("/responses/0/metadata/mood").asText());
        JsonNode disabled = tiny.get("/v1/responses?state=disabled").json();
        assertEquals(List.of(before.getFirst()), texts(disabled.path("responses")));
        assertEquals(List.of("never eat rain"),
                texts(tiny.get("/v1/responses?q=EAT%20RAIN").json().path("responses")));
    }

    @Test
    void listsGoOnWhereTheyEnded() throws Exception {
        try (TinyServer tiny = new TinyServer(folder)) {
            List<String> seen = new ArrayList<>();
            String path = "/v1/responses?limit=25";
            for (JsonNode next = null; next == null || next.isNumber();) {
                JsonNode page = tiny.get(next == null ? path : path + "&after=" + next.asInt()).json();
                seen.addAll(texts(page.path("responses")));
                next = page.path("next");
            }
            assertEquals(TinyServer.REPLIES, seen);
            assertEquals(400, tiny.get("/v1/responses?limit=0").status());
        }
    }

    /** Requests go on all the while, and none of them fails. */
    @Test
    void anotherIndexIsTakenOverWithoutLosingARequestAndABrokenOneIsNot() throws Exception {
        try (TinyServer tiny = new TinyServer(folder)) {
            assertEquals(201, tiny.post("/v1/responses", "{\"text\": \"never eat rain\"}").status());
            AtomicBoolean ends = new AtomicBoolean();
            AtomicInteger answered = new AtomicInteger(), failed = new AtomicInteger();
            List<Thread> clients = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                clients.add(Thread.startVirtualThread(() -> {
                    while (!ends.get()) {
                        try {
                            boolean good = tiny.post("/v1/reply", "{\"context\": [\"hello\"]}").status() == 200;
                            (good ? answered : failed).incrementAndGet();
                        } catch (Exception e) {
                            failed.incrementAndGet();
                        }
                    }
                }));
            }
            try {
                for (int count : List.of(30, 45)) {
                    Files.move(tiny.writeIndex(folder.resolve("next.index"), count), tiny.index,
                            StandardCopyOption.REPLACE_EXISTING);
                    assertEquals(200, tiny.post("/admin/reload", "{}").status());
                    assertEquals(count + 1, tiny.get("/health/ready").json().path("responses").asInt());
                }
                Path good = folder.resolve("good.index");
                Files.move(tiny.index, good);
                Files.write(tiny.index, new byte[]{1, 2, 3});
                TinyServer.Answer broken = tiny.post("/admin/reload", "{}");
                assertEquals(422, broken.status());
                assertTrue(broken.json().at("/error/message").asText().contains("not a response index"));
                Files.delete(tiny.index);
                assertEquals(422, tiny.post("/admin/reload", "{}").status());
                assertEquals(46, tiny.get("/health/ready").json().path("responses").asInt());
                assertEquals(200, tiny.post("/admin/reload",
                        "{\"index\": \"" + good.toString().replace("\\", "\\\\") + "\"}").status());
            } finally {
                ends.set(true);
                for (Thread each : clients) each.join();
            }
            assertEquals(0, failed.get());
            assertTrue(answered.get() > 0);
        }
    }
}
