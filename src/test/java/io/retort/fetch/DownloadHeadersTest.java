package io.retort.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class DownloadHeadersTest {
    private static final String SHA256 = "0123456789abcdef".repeat(4);

    @Property(tries = 100)
    void aContentRangeIsReadAsWritten(@ForAll @LongRange(min = 0, max = 1L << 50) long start,
            @ForAll @LongRange(min = 1, max = 1L << 50) long count) {
        String header = "bytes " + start + "-" + (start + count - 1) + "/" + (start + count);
        assertEquals(Optional.of(new FinalResponse.ContentRange(start, start + count)),
                FinalResponse.ContentRange.parse(header));
    }

    @Example
    void aContentRangeMayLeaveThingsOpenButNotBeNonsense() {
        assertEquals(Optional.of(new FinalResponse.ContentRange(-1, 200)),
                FinalResponse.ContentRange.parse("bytes */200"));
        assertEquals(Optional.of(new FinalResponse.ContentRange(5, -1)),
                FinalResponse.ContentRange.parse("bytes 5-9/*"));
        for (String bad : List.of("", "bytes", "bytes 5-/9", "lines 1-2/3", "bytes 1-2/99999999999999999999")) {
            assertEquals(Optional.empty(), FinalResponse.ContentRange.parse(bad), bad);
        }
    }

    @Property(tries = 200)
    void noHeaderOfAServerIsBelievedBeyondItsForm(@ForAll String text) {
        RedirectHeaders linked = RedirectHeaders.in(headers(
                Map.of("X-Linked-Etag", text, "X-Linked-Size", text, "X-Repo-Commit", text, "ETag", text)));
        assertEquals(RedirectHeaders.tag(text), linked.linkedEtag());
        boolean number = text.matches("[0-9]{1,18}");
        assertEquals(number ? Long.parseLong(text) : -1, linked.size());
        assertEquals(text.matches("[\\w.-]{1,100}") ? text : "", linked.revision());
    }

    @Example
    void theLinkedTagGoesBeforeTheHostsOwnAndOnlyASha256IsOne() {
        assertEquals(SHA256, expected("\"" + SHA256.toUpperCase() + "\"", "\"" + "f".repeat(64) + "\""));
        assertEquals(SHA256, expected("\"0123\"", "\"" + SHA256 + "\""));
        assertEquals("", expected("\"0123\"", "W/\"" + SHA256 + "\""));
        assertEquals("", expected("\"" + SHA256 + "0\"", "\"" + SHA256 + "-gzip\""));
    }

    @Example
    void aWeakTagIsNoPromiseOfEqualBytes() {
        assertEquals("\"a\"", RedirectHeaders.strongEtag(headers(Map.of("ETag", "\"a\""))));
        assertEquals("", RedirectHeaders.strongEtag(headers(Map.of("ETag", "W/\"a\""))));
        assertEquals("", RedirectHeaders.strongEtag(headers(Map.of("ETag", "a"))));
    }

    @Property(tries = 100)
    void pausesGrowAndStayWithinWhatTheServerMayAskFor(@ForAll @IntRange(min = 1, max = 100) int vain,
            @ForAll @IntRange(min = 0, max = 100_000) int requested) {
        var retries = new Download.RetryPolicy(Duration.ofSeconds(1), Duration.ofSeconds(60), 5, Duration.ofSeconds(1));
        Duration pause = retries.pause(vain, Duration.ofSeconds(requested));
        Duration longest = Duration.ofSeconds(Math.max(Math.min(requested, 60), 1L << Math.min(vain - 1, 16)));
        Duration shortest = Duration.ofMillis(Math.max(Math.min(requested, 60) * 1000L,
                500L << Math.min(vain - 1, 16)));
        assertEquals(pause, Duration.ofMillis(Math.clamp(pause.toMillis(), shortest.toMillis(), longest.toMillis())));
    }

    private static String expected(String linkedEtag, String etag) {
        return RedirectHeaders.in(headers(Map.of("X-Linked-Etag", linkedEtag, "ETag", etag))).expected().sha256();
    }

    private static HttpHeaders headers(Map<String, String> values) {
        var lists = new HashMap<String, List<String>>();
        values.forEach((name, value) -> lists.put(name, List.of(value)));
        return HttpHeaders.of(lists, (name, value) -> true);
    }
}
