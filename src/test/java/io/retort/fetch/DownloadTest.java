package io.retort.fetch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.retort.fetch.Download.Expected;
import io.retort.files.BadInput;
import io.retort.files.Sha256;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DownloadTest {
    private static final byte[] FILE = bytes(1, 200_000);
    private static final String SHA256 = new Sha256().update(FILE).hex();
    private static final String TAG = "\"v1\"";
    private static final int HALF = FILE.length / 2;
    private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
    /** Waits long for bytes, since a busy machine is no silent server, and hardly between tries. */
    private static final Download.RetryPolicy SHORT = new Download.RetryPolicy(Duration.ofSeconds(60),
            Duration.ofSeconds(60), 3,
            Duration.ofMillis(10));
    /** Gives up at once: a process that ends there. */
    private static final Download.RetryPolicy ONE_TRY = new Download.RetryPolicy(Duration.ofSeconds(60),
            Duration.ofSeconds(60), 1,
            Duration.ofMillis(10));

    @TempDir
    Path folder;

    // The way of the Hub

    @Test
    void aLargeFileOfTheHubComesThroughItsRedirectAndIsVerifiedByTheHeadersOfTheFirstAnswer() throws IOException {
        try (FakeHost cache = plain(FILE); FakeHost hub = hubBefore(cache, SHA256)) {
            List<Long> seen = new ArrayList<>();
            Download.Downloaded file = download(hub).reportingTo((done, total) -> {
                seen.add(done);
                assertEquals(FILE.length, total);
            }).fetch();
            assertEquals(new Download.Downloaded(target(), FILE.length, SHA256, Optional.of(COMMIT)), file);
            assertEquals(FILE.length, seen.getLast());
            assertOnlyTheTarget(FILE);
        }
    }

    @Test
    void aFileThatIsNotWhatTheHubLinkedToIsRefusedAndRemoved() throws IOException {
        byte[] other = bytes(2, FILE.length);
        try (FakeHost cache = plain(other); FakeHost hub = hubBefore(cache, SHA256)) {
            String message = refusal(download(hub));
            assertTrue(message.contains(hub.address("/model").toString()), message);
            assertTrue(message.contains(SHA256) && message.contains(new Sha256().update(other).hex()), message);
            assertNothingIsLeft();
        }
    }

    @Test
    void aTagThatIsNoSha256IsNotTakenForOne() throws IOException {
        try (FakeHost cache = plain(FILE); FakeHost hub = hubBefore(cache, COMMIT)) {
            assertEquals(SHA256, download(hub).fetch().sha256());
        }
    }

    @Test
    void aHubWithAnotherChecksumThanTheCallersIsRefusedBeforeTheFirstByte() throws IOException {
        try (FakeHost cache = plain(FILE); FakeHost hub = hubBefore(cache, SHA256)) {
            Download download = download(hub).expecting(new Expected(-1, "ab".repeat(32)))
                    .reportingTo((done, total) -> fail("bytes were taken"));
            assertTrue(refusal(download).contains(SHA256));
            assertNothingIsLeft();
        }
    }

    @Test
    void theTokenGoesToTheFirstHostOnly() throws IOException {
        try (FakeHost cache = plain(FILE);
                FakeHost hub = new FakeHost((host, exchange, before) -> FakeHost.redirect(exchange,
                        before == 0 ? "/moved" : cache.address("/model").toString()))) {
            download(hub).withToken("secret").fetch();
            assertEquals(List.of("Bearer secret", "Bearer secret"),
                    hub.asked().stream().map(FakeHost.Asked::authorization).toList());
            assertEquals("/moved", hub.asked().get(1).path());
            assertNull(cache.asked().getFirst().authorization());
        }
    }

    @Test
    void anExpiredAddressOfTheCacheIsReplacedByAFreshOne() throws IOException {
        try (FakeHost cache = new FakeHost((host, exchange, before) -> {
            if (before == 0) FakeHost.status(exchange, 403);
            else host.serve(exchange, FILE, TAG);
        }); FakeHost hub = hubBefore(cache, SHA256)) {
            download(hub).fetch();
            assertEquals(2, hub.asked().size());
            assertOnlyTheTarget(FILE);
        }
    }

    // Going on where it stopped

    @ParameterizedTest
    @ValueSource(ints = {1, 16_384, 100_000, 199_999})
    void afterACutConnectionOnlyTheRestIsAskedFor(int cut) throws IOException {
        try (FakeHost host = cuttingFirst(cut)) {
            download(host).expecting(new Expected(FILE.length, SHA256)).fetch();
            assertEquals(FILE.length, host.sent());
            assertEquals("bytes=" + cut + "-", host.asked().get(1).range());
            assertEquals(TAG, host.asked().get(1).ifRange());
            assertOnlyTheTarget(FILE);
        }
    }

    @Test
    void anotherProcessGoesOnWhereTheFirstStopped() throws IOException {
        try (FakeHost host = cuttingFirst(HALF)) {
            assertTrue(refusal(download(host).with(ONE_TRY)).contains(HALF + " bytes that came are kept"));
            assertFalse(Files.exists(target()));
            download(host).fetch();
            assertEquals(FILE.length, host.sent());
            assertOnlyTheTarget(FILE);
        }
    }

    @Test
    void aWholeFileThatWasNeverRenamedIsNotSentAgain() throws IOException {
        try (FakeHost host = cuttingFirst(HALF)) {
            refusal(download(host).with(ONE_TRY));
            Files.write(partial(), FILE);
            download(host).expecting(new Expected(-1, SHA256)).fetch();
            assertEquals(HALF, host.sent());
            assertOnlyTheTarget(FILE);
        }
    }

    @Test
    void aFileChangedOnTheServerStartsAnew() throws IOException {
        byte[] newer = bytes(3, FILE.length);
        try (FakeHost host = new FakeHost((self, exchange, before) -> {
            if (before == 0) self.serve(exchange, FILE, TAG, HALF);
            else self.serve(exchange, newer, "\"v2\"");
        })) {
            download(host).fetch();
            assertOnlyTheTarget(newer);
        }
    }

    @Test
    void aServerThatIgnoresTheTagIsCaughtByTheTagOfItsAnswer() throws IOException {
        byte[] newer = bytes(3, FILE.length);
        try (FakeHost host = new FakeHost((self, exchange, before) -> {
            if (before == 0) self.serve(exchange, FILE, TAG, HALF);
            else self.serveCarelessly(exchange, newer, "\"v2\"", 0);
        })) {
            download(host).fetch();
            assertEquals(Arrays.asList(null, "bytes=" + HALF + "-", null),
                    host.asked().stream().map(FakeHost.Asked::range).toList());
            assertOnlyTheTarget(newer);
        }
    }

    @Test
    void aFileThatShrankOnTheServerStartsAnew() throws IOException {
        byte[] shorter = bytes(4, 1000);
        try (FakeHost host = new FakeHost((self, exchange, before) -> {
            if (before == 0) self.serve(exchange, FILE, TAG, HALF);
            else self.serveCarelessly(exchange, shorter, TAG, 0);
        })) {
            download(host).fetch();
            assertOnlyTheTarget(shorter);
        }
    }

    @Test
    void aRangeThatWasNotAskedForIsNotGluedOn() throws IOException {
        try (FakeHost host = new FakeHost((self, exchange, before) -> {
            if (before == 0) self.serve(exchange, FILE, TAG, HALF);
            else self.serveCarelessly(exchange, FILE, TAG, 1);
        })) {
            download(host).fetch();
            assertEquals(3, host.asked().size(), host.asked().toString());
            assertOnlyTheTarget(FILE);
        }
    }

    @Test
    void bytesOfUnknownOriginAreNotBuiltUpon() throws IOException {
        Files.write(partial(), new byte[HALF]);
        Files.writeString(folder.resolve("model.bin.partial.origin"), "etag=\\u00zz");
        try (FakeHost host = plain(FILE)) {
            download(host).fetch();
            assertNull(host.asked().getFirst().range());
            assertOnlyTheTarget(FILE);
        }
    }

    @Test
    void withoutATagTheFileIsAskedForWhole() throws IOException {
        try (FakeHost host = new FakeHost(
                (self, exchange, before) -> self.serve(exchange, FILE, "", before == 0 ? HALF : FILE.length))) {
            download(host).fetch();
            assertNull(host.asked().get(1).range());
            assertOnlyTheTarget(FILE);
        }
    }

    // What is not the file

    @Test
    void aWrongChecksumIsRefusedAndAnOlderTargetStays() throws IOException {
        Files.writeString(target(), "older");
        try (FakeHost host = plain(FILE)) {
            String message = refusal(download(host).expecting(new Expected(-1, "ab".repeat(32))));
            assertTrue(message.contains("ab".repeat(32)) && message.contains(SHA256), message);
            assertOnlyTheTarget("older".getBytes());
        }
    }

    @Test
    void aWrongLengthIsRefusedBeforeTheFirstByteWhereTheServerTellsIt() throws IOException {
        try (FakeHost host = plain(FILE)) {
            String message = refusal(download(host).expecting(new Expected(7, "")));
            assertTrue(message.contains("expected 7 bytes, found 200000 bytes"), message);
            assertNothingIsLeft();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1})
    void aWrongLengthIsRefusedAtTheEndWhereTheServerDoesNotTellIt(int more) throws IOException {
        try (FakeHost host = new FakeHost((self, exchange, before) -> self.serveChunked(exchange, FILE))) {
            String message = refusal(download(host).expecting(new Expected(FILE.length + more, "")));
            assertTrue(message.contains("expected " + (FILE.length + more) + " bytes"), message);
            assertEquals(1, host.asked().size());
            assertNothingIsLeft();
        }
    }

    @Test
    void aCompressedAnswerIsRefused() throws IOException {
        try (FakeHost host = new FakeHost((self, exchange, before) -> {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            self.serve(exchange, FILE, TAG);
        })) {
            assertTrue(refusal(download(host)).contains("compresses"));
        }
    }

    @Test
    void anEmptyFileIsAFile() throws IOException {
        try (FakeHost host = new FakeHost((self, exchange, before) -> exchange.sendResponseHeaders(200, -1))) {
            assertEquals(0, download(host).fetch().size());
            assertOnlyTheTarget(new byte[0]);
        }
    }

    // Refusals and failures

    @Test
    void aMissingFileIsToldAtOnceWithWhatToCheck() throws IOException {
        String message = refusalOf(404);
        assertTrue(message.contains("/model: there is no such file") && message.contains("spelling"), message);
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void aGatedFileIsToldAtOnceWithTheTokenToSet(int status) throws IOException {
        String message = refusalOf(status);
        assertTrue(message.contains("gated") && message.contains("HF_TOKEN"), message);
    }

    private String refusalOf(int status) throws IOException {
        try (FakeHost host = new FakeHost((self, exchange, before) -> FakeHost.status(exchange, status))) {
            String message = refusal(download(host));
            assertEquals(1, host.asked().size());
            assertNothingIsLeft();
            return message;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 503})
    void aServerThatFailsForNowIsAskedAgain(int status) throws IOException {
        try (FakeHost host = new FakeHost((self, exchange, before) -> {
            if (before < 2) FakeHost.status(exchange, status);
            else self.serve(exchange, FILE, TAG);
        })) {
            download(host).fetch();
            assertOnlyTheTarget(FILE);
        }
    }

    @Test
    void aServerThatKeepsFailingIsGivenUp() throws IOException {
        try (FakeHost host = new FakeHost((self, exchange, before) -> FakeHost.status(exchange, 503))) {
            assertTrue(refusal(download(host)).contains("HTTP 503, 3 times in a row"));
            assertEquals(3, host.asked().size());
            assertNothingIsLeft();
        }
    }

    @Test
    void aServerThatNeverAnswersIsGivenUp() throws IOException {
        try (FakeHost host = new FakeHost((self, exchange, before) -> sleep())) {
            Download.RetryPolicy limits = new Download.RetryPolicy(Duration.ofMillis(100), Duration.ofMillis(100), 2,
                    Duration.ofMillis(10));
            assertTrue(refusal(download(host).with(limits)).contains("does not answer"));
            assertNothingIsLeft();
        }
    }

    @Test
    void aServerThatFallsSilentIsAskedForTheRest() throws IOException {
        long sent = 0;
        // Where the machine stands still for the time of a silence, a part is asked for again: with luck not each time.
        for (int silence = 300; silence < 5000 && sent != FILE.length; silence *= 2) {
            Files.deleteIfExists(target());
            try (FakeHost host = new FakeHost((self, exchange, before) -> {
                self.serve(exchange, FILE, TAG, before == 0 ? HALF : FILE.length);
                if (before == 0) sleep();
            })) {
                download(host).with(new Download.RetryPolicy(Duration.ofSeconds(60), Duration.ofMillis(silence), 100,
                        Duration.ofMillis(10))).fetch();
                sent = host.sent();
                assertOnlyTheTarget(FILE);
            }
        }
        assertEquals(FILE.length, sent);
    }

    @Test
    void aHostThatCannotBeReachedIsNamed() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        Download download = Download.of(URI.create("http://127.0.0.1:" + free + "/model"), target());
        assertTrue(refusal(download).startsWith("cannot reach 127.0.0.1:" + free));
        Download unknown = Download.of(URI.create("http://no-such-host.invalid/model"), target());
        assertTrue(refusal(unknown).startsWith("cannot reach no-such-host.invalid: unknown host"));
        assertNothingIsLeft();
    }

    @Test
    void redirectsInACircleAreGivenUp() throws IOException {
        try (FakeHost host = new FakeHost((self, exchange, before) -> FakeHost.redirect(exchange, "/model"))) {
            assertTrue(refusal(download(host)).contains("redirected more than 5 times"));
            assertEquals(6, host.asked().size());
            assertNothingIsLeft();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/hosts", "no address", "", "https:///model", "mailto:someone"})
    void redirectsToWhatIsNotHttpAreRefused(String location) throws IOException {
        try (FakeHost host = new FakeHost((self, exchange, before) -> FakeHost.redirect(exchange, location))) {
            assertTrue(refusal(download(host)).contains("redirected to an address that is"));
            assertNothingIsLeft();
        }
    }

    @Test
    void twoDownloadsOfOneTargetDoNotMix() throws IOException {
        try (PartialFile other = PartialFile.open(target()); FakeHost host = plain(FILE)) {
            assertTrue(refusal(download(host)).contains("under way"));
            assertEquals(0, other.length());
            assertEquals(0, host.asked().size());
        }
    }

    @Test
    void aFullDiskIsAnErrorOfTheDiskNotOfTheServer() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full));
        Files.createSymbolicLink(partial(), full);
        try (FakeHost host = plain(FILE)) {
            IOException error = assertThrows(IOException.class, download(host)::fetch);
            assertTrue(error.getMessage().contains("No space left"), error.toString());
            assertEquals(1, host.asked().size());
        }
    }

    @Test
    void anInterruptedDownloadStopsAndStaysInterrupted() throws IOException {
        try (FakeHost host = plain(FILE)) {
            Thread.currentThread().interrupt();
            assertThrows(IOException.class, download(host)::fetch);
            assertTrue(Thread.interrupted());
            assertFalse(Files.exists(target()));
        }
    }

    @Test
    void whatCannotBeAskedForIsRefusedBeforehand() {
        for (String address : List.of("ftp://host/file", "file:///etc/hosts", "model.bin", "https:/model")) {
            assertThrows(BadInput.class, () -> Download.of(URI.create(address), target()), address);
        }
        Download download = Download.of(URI.create("https://host/file"), target());
        String message = assertThrows(BadInput.class, () -> download.withToken("secret\n")).getMessage();
        assertFalse(message.contains("secret"), message);
        assertThrows(BadInput.class, () -> new Expected(-2, ""));
        assertThrows(BadInput.class, () -> new Expected(-1, "abc"));
    }

    private Download download(FakeHost host) {
        return Download.of(host.address("/model"), target()).with(SHORT);
    }

    private Path target() {
        return folder.resolve("model.bin");
    }

    private Path partial() {
        return folder.resolve("model.bin.partial");
    }

    private static String refusal(Download download) {
        Throwable thrown = assertThrows(Throwable.class, download::fetch);
        return assertInstanceOf(BadInput.class, thrown).getMessage();
    }

    private void assertOnlyTheTarget(byte[] bytes) throws IOException {
        assertEquals(List.of("model.bin"), names());
        assertArrayEquals(bytes, Files.readAllBytes(target()));
    }

    private void assertNothingIsLeft() throws IOException {
        assertEquals(List.of(), names());
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static FakeHost plain(byte[] file) throws IOException {
        return new FakeHost((host, exchange, before) -> host.serve(exchange, file, TAG));
    }

    private static FakeHost cuttingFirst(int cut) throws IOException {
        return new FakeHost(
                (host, exchange, before) -> host.serve(exchange, FILE, TAG, before == 0 ? cut : FILE.length));
    }

    private static FakeHost hubBefore(FakeHost cache, String linkedEtag) throws IOException {
        return new FakeHost((host, exchange, before) -> {
            exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + linkedEtag + "\"");
            exchange.getResponseHeaders().set("X-Linked-Size", Integer.toString(FILE.length));
            exchange.getResponseHeaders().set("X-Repo-Commit", COMMIT);
            FakeHost.redirect(exchange, cache.address("/blob").toString());
        });
    }

    private static void sleep() {
        try {
            Thread.sleep(60_000); // its server's end interrupts it
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static byte[] bytes(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
