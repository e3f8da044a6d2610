package io.retort;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The arrows between the rooms, and other rules of the house (docs/architecture.md). */
class HouseTest {
    /** In the order in which data flows. A room imports only rooms before it. */
    private static final List<String> ROOMS = List.of("files", "settings", "runtime", "dialogue", "ingest", "curate",
            "text", "tensor",
            "simd", "gpu", "graph",
            "lm", "retrieval", "store", "fetch",
            "search", "generate", "teacher", "distill", "eval", "learn", "safety", "reply", "study", "jobs", "serve",
            "cli");
    /** The package above the rooms. */
    private static final String FACADE = "io.retort";
    private static final Path SOURCES = Path.of("src/main/java/io/retort");
    /** In code style, with or without its package, perhaps with a member behind it. */
    private static final Pattern NAMED_CLASS = Pattern
            .compile("`((?:[a-z]+\\.)?[A-Z][a-z][A-Za-z0-9]*)(?:\\.[A-Za-z]+)?`");
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("io.retort");

    @Test
    void aRoomImportsOnlyRoomsBeforeIt() {
        for (int i = 0; i < ROOMS.size(); i++) {
            String[] after = ROOMS.subList(i + 1, ROOMS.size()).stream().map(HouseTest::inRoom).toArray(String[]::new);
            if (after.length == 0) continue;
            ArchRule rule = noClasses().that().resideInAPackage(inRoom(ROOMS.get(i))).should().dependOnClassesThat()
                    .resideInAnyPackage(after);
            rule.allowEmptyShould(true).check(MAIN);
        }
    }

    @Test
    void theLibraryNeedsNoCommandLine() {
        noClasses().that().resideOutsideOfPackage(inRoom("cli")).should().dependOnClassesThat()
                .resideInAnyPackage("picocli..", "ch.qos.logback..").check(MAIN);
    }

    @Test
    void onlyServeKnowsHelidon() {
        noClasses().that().resideOutsideOfPackage(inRoom("serve")).should().dependOnClassesThat()
                .resideInAnyPackage("io.helidon..").check(MAIN);
    }

    @Test
    void aRoomImportsOnlyWhatItSaysItMayImport() throws IOException {
        Set<String> trespasses = new TreeSet<>();
        for (Path room : roomsThatExist()) {
            String name = room.getFileName().toString();
            String[] allowed = Stream.concat(Stream.of(name), mayImport(name).stream()).map(HouseTest::inRoom)
                    .toArray(String[]::new);
            ArchRule rule = noClasses().that().resideInAPackage(inRoom(name)).should()
                    .dependOnClassesThat(resideInAPackage(FACADE + "..").and(not(resideInAnyPackage(allowed))));
            trespasses.addAll(rule.evaluate(MAIN).getFailureReport().getDetails());
        }
        assertEquals(Set.of(), trespasses, "what package-info.java does not say that the room may import");
    }

    /** The rooms that a room's package-info.java names, or means by "every room before it". */
    private static List<String> mayImport(String room) throws IOException {
        String said = Files.readString(SOURCES.resolve(room).resolve("package-info.java")).replaceAll("\\s+\\*\\s+",
                " ");
        if (said.contains("Imports no other room")) return List.of();
        Matcher may = Pattern.compile("May import ([^.;]+)").matcher(said);
        assertTrue(may.find(), room + " does not say what it may import");
        List<String> named = Pattern.compile("\\{@code (\\w+)}").matcher(may.group(1)).results()
                .map(code -> code.group(1)).toList();
        assertTrue(ROOMS.containsAll(named), room + " names " + named);
        if (!may.group(1).startsWith("every room")) return named;
        List<String> before = ROOMS.subList(0, ROOMS.indexOf(room));
        if (may.group(1).contains("up to")) return before.subList(0, before.indexOf(named.getFirst()) + 1);
        return before.stream().filter(each -> !named.contains(each)).toList();
    }

    @Test
    void everyClassLivesInARoomOrIsOfTheFacade() {
        Stream<String> rooms = ROOMS.stream().map(HouseTest::inRoom);
        classes().should().resideInAnyPackage(Stream.concat(rooms, Stream.of(FACADE)).toArray(String[]::new))
                .check(MAIN);
    }

    @Test
    void theFacadeImportsEveryRoomButTheCommandLineAndNoRoomImportsIt() {
        noClasses().that().resideInAPackage(FACADE).should().dependOnClassesThat().resideInAPackage(inRoom("cli"))
                .check(MAIN);
        noClasses().that().resideOutsideOfPackage(FACADE).should().dependOnClassesThat().resideInAPackage(FACADE)
                .check(MAIN);
    }

    @Test
    void onlyGraphKnowsNd4j() {
        noClasses().that().resideOutsideOfPackage(inRoom("graph")).should().dependOnClassesThat()
                .resideInAnyPackage("org.nd4j..", "org.bytedeco..").check(MAIN);
    }

    @Test
    void onlySimdKnowsTheVectorApi() {
        noClasses().that().resideOutsideOfPackage(inRoom("simd")).should().dependOnClassesThat()
                .resideInAPackage("jdk.incubator.vector..").check(MAIN);
    }

    @Test
    void onlyTheCommandLinePrintsOrExits() {
        noClasses().that().resideOutsideOfPackage(inRoom("cli")).should().accessField(System.class, "out").orShould()
                .accessField(System.class, "err").orShould().callMethod(System.class, "exit", int.class).check(MAIN);
    }

    @Test
    void noClassIsCalledUtilHelperOrManager() {
        noClasses().should().haveSimpleNameEndingWith("Util").orShould().haveSimpleNameEndingWith("Utils").orShould()
                .haveSimpleNameEndingWith("Helper").orShould().haveSimpleNameEndingWith("Manager").check(MAIN);
    }

    @Test
    void everyRoomSaysWhatItIsFor() throws IOException {
        Set<String> silent = new TreeSet<>();
        for (Path room : roomsThatExist()) {
            Path info = room.resolve("package-info.java");
            if (!Files.isRegularFile(info) || !Files.readString(info).contains("May import")
                    && !Files.readString(info).contains("Imports no")) {
                silent.add(room.getFileName().toString());
            }
        }
        assertEquals(Set.of(), silent,
                "rooms whose package-info.java is missing or does not say what the room may import");
    }

    @Test
    void noSourceFileOutgrowsOneIdea() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            List<Path> large = files.filter(file -> file.toString().endsWith(".java")).filter(file -> lines(file) > 400)
                    .toList();
            assertEquals(List.of(), large, "files of more than 400 lines");
        }
    }

    @Test
    void theDocumentedRoomsAreTheRoomsThatExist() throws IOException {
        String architecture = Files.readString(Path.of("docs/architecture.md"));
        for (Path room : roomsThatExist()) {
            assertTrue(architecture.contains("`" + room.getFileName() + "`"), room + " is not in docs/architecture.md");
        }
    }

    /** A class that is named with its package must be in that one; a class by itself may be a test's, too. */
    @Test
    void theClassesThatDocumentsNameExist() throws IOException {
        Set<String> known = new TreeSet<>(Set.of("IllegalArgumentException", "IllegalStateException", "SameDiff"));
        for (Path root : List.of(SOURCES, Path.of("src/test/java/io/retort"))) {
            try (Stream<Path> files = Files.walk(root)) {
                files.filter(file -> file.toString().endsWith(".java")).forEach(file -> {
                    String type = file.getFileName().toString().replace(".java", "");
                    known.add(type);
                    known.add(file.getParent().getFileName() + "." + type);
                });
            }
        }
        Set<String> gone = new TreeSet<>();
        for (String document : List.of("architecture", "paper-map")) {
            Matcher named = NAMED_CLASS.matcher(Files.readString(Path.of("docs/" + document + ".md")));
            while (named.find()) if (!known.contains(named.group(1))) gone.add(document + ": " + named.group(1));
        }
        assertEquals(Set.of(), gone, "classes that documents name and that are not there");
    }

    private static List<Path> roomsThatExist() throws IOException {
        try (Stream<Path> rooms = Files.list(SOURCES)) {
            return rooms.filter(Files::isDirectory).collect(Collectors.toList());
        }
    }

    private static long lines(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.count();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String inRoom(String room) {
        return "io.retort." + room + "..";
    }
}
