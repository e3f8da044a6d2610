package io.retort.curate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.curate.PersonalData.Finding;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Personal data are found, and what only looks like them is left alone. */
class PersonalDataTest {
    private static final PersonalData ALL = PersonalData.of(EnumSet.allOf(PersonalKind.class),
            List.of("Ada Byron", "Ada", "Will", "jörg", "O'Neill"));

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "write to jo.bloggs+shop@mail.example.co.uk please | write to [email] please",
        "(kim_99@example.org) | ([email])",
        "it is kim@example.org. Bye | it is [email]. Bye",
        "mail kim (at) example (dot) org | mail [email]",
        "kim99 [at] example.org works | [email] works",
        "sam dot lee? no: samlee at example dot com | sam dot lee? no: [email]",
        "größe@straße.example | [email]",
        "see https://example.com/a?b=c, then call | see [url], then call",
        "(www.example.com/x) | ([url])",
        "call me at +44 20 7946 0958 tonight | call me at [phone] tonight",
        "+1 (555) 010-9999 | [phone]",
        "+4915112345678 | [phone]",
        "0049 30 1234567 is mine | [phone] is mine",
        "(555) 234-5678 or 555-234-5678 or 555.234.5678 | [phone] or [phone] or [phone]",
        "1-800-555-0199 is free | [phone] is free",
        "ring 020 7946 0958 | ring [phone]",
        "06 12 34 56 78 ! | [phone] !",
        "030/12345678 | [phone]",
        "07911123456 | [phone]",
        "my cell is 5552345678 | my cell is [phone]",
        "text me on 555-0123 ok | text me on [phone] ok",
        "card 4111 1111 1111 1111 exp 04 | card [card] exp 04",
        "5500-0000-0000-0004 | [card]",
        "340000000000009 | [card]",
        "pay to DE89 3704 0044 0532 0130 00 now | pay to [iban] now",
        "GB82WEST12345698765432 | [iban]",
        "gb82 west 1234 5698 7654 32, thanks | [iban], thanks",
        "server 192.168.10.254 is down. | server [ip] is down.",
        "2001:0db8:85a3:0000:0000:8a2e:0370:7334 | [ip]",
        "ping fe80::1ff:fe23:4567 | ping [ip]",
        "ask @retro_fan, or @kim.lee | ask [handle], or [handle]",
        "hey <@123456789012345678> | hey [handle]",
        "I am pixel_fox#4821 on there | I am [handle] on there",
        "as u/some_body said | as [handle] said",
        "Ada Byron wrote it, Ada said | [name] wrote it, [name] said",
        "ADA! | [name]!",
        "Will will come | [name] will come",
        "Jörg und JÖRG und jörg | [name] und [name] und [name]",
        "that is O'Neill's | that is [name]'s"})
    void whatIsFoundIsMasked(String text, String masked) {
        assertEquals(masked, ALL.mask(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"call me at 5", "call me at 5:30", "call 911", "2,500 people", "1999-2003", "1999 - 2003",
        "@ home", "see you @ 8",
        "$1,234,567.89", "it cost $12345678", "€ 1200000", "1000000 € a year", "2024-01-15", "2024-01-15 10:30:45",
        "15.01.2024", "01/02/2024",
        "in 1984 2001 2010", "order 5552345678", "order number: 020 7946 0958", "order #123456789", "ticket 0123456789",
        "ISBN 978-3-16-148410-0",
        "#4111111111111111", "order 4111 1111 1111 1111", "4111 1111 1111 1112", "0000 0000 0000 0000",
        "1234567890123456",
        "12:30:45", "std::vector", "a::b", "10:20", "version 10.0.0.1", "v1.2.3.4", "300.1.2.3", "1.2.3", "1.2.3.4.5",
        "3.14159265358979",
        "DE00 3704 0044 0532 0130 00", "AB12 is a gate", "GB82 is my seat", "me@home", "5@2.99", "@2pm", "C# 2000",
        "#100", "room #1234", "issue#1234",
        "the score was 21-14", "win 3-2 2-1 4-0", "1 2 3 4 5 6 7 8 9 10", "10 000 000 people",
        "I ran 100 200 and 400 meters", "and/or",
        "i love you/us", "at dot com", "we met at ten dot", "look at that dot", "5551234567 grains", "123-45", "9-5",
        "24/7", "50/50", "http is a protocol",
        "1,000,000,000", "world war 2 1939-1945", "will you?", "adapt, Adam, Adasia", "willing",
        "the years 1914-1918, 1939-1945",
        "2 + 2 = 4", "1+1", "x@y", "100%", "90210", "10115 Berlin", "48.8584, 2.2945", "-33.8688, 151.2093", "8 x 10",
        "1920x1080", "5 ft 11"})
    void whatOnlyLooksLikeItIsLeftAlone(String text) {
        assertEquals(text, ALL.mask(text));
    }

    @Test
    void placesAreThoseOfTheText() {
        String text = "a kim@example.org b 192.168.1.1";
        assertEquals(List.of(new Finding(PersonalKind.EMAIL, 2, 17), new Finding(PersonalKind.IP, 20, 31)),
                ALL.find(text));
    }

    @Test
    void onlyTheKindsThatWereAskedForAreFound() {
        PersonalData some = PersonalData.of(List.of(PersonalKind.PHONE), List.of("Ada"));
        assertEquals("Ada, kim@example.org, 4111 1111 1111 1111, [phone]",
                some.mask("Ada, kim@example.org, 4111 1111 1111 1111, +44 20 7946 0958"));
        assertEquals("+44 20 7946 0958", PersonalData.of(List.of(), List.of()).mask("+44 20 7946 0958"));
    }

    @Test
    void theMarksThemselvesAreNoPersonalData() {
        for (PersonalKind kind : PersonalKind.values()) {
            assertEquals("so " + kind.mask() + " it is", ALL.mask("so " + kind.mask() + " it is"));
        }
    }

    @Test
    void namesComeOutOfAFile(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("names.txt"), "# people\n  Ada   Byron \n\nkim\r\n");
        assertEquals(List.of("Ada Byron", "kim"), PersonalData.names(file));
    }

    @Test
    void hostileTextsTakeLittleTime() {
        // By the thread's own time: on a busy machine all takes long.
        assertTimeoutPreemptively(Duration.ofMinutes(10), () -> {
            for (String part : List.of("1", "1 ", "1-", "a.", "a@", "a@a.", "@", ":", "a:", "::", "(at)", "0 ", "www.",
                    "u/", "+", "DE89 ", "at dot ",
                    "#1", "https://")) {
                ALL.mask(part.repeat(200_000 / part.length()));
            }
            long nanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            assertTrue(nanos < 20_000_000_000L, nanos / 1e9 + " s");
        });
    }
}
