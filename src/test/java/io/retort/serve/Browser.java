package io.retort.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.support.ui.WebDriverWait;

/** Chromium, as somebody uses it who sees the page; waits for what is to come, and never just for a while. */
final class Browser implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger("org.openqa.selenium");
    private static final Duration LONGEST = Duration.ofSeconds(180);
    private static final Path SCREENSHOTS = Path.of("target", "screenshots");
    private static final String AXE = read("/axe.min.js");
    private static final String SERIOUS = """
            const done = arguments[arguments.length - 1];
            axe.run().then(found => done(found.violations.filter(each => ["serious", "critical"].includes(each.impact))
                .map(each => each.id + ": " + each.nodes.map(node => node.target + " " + node.failureSummary).join("; "))),
                fault => done(["axe failed: " + fault]));
            """;

    private final ChromeDriver driver;

    private Browser(ChromeDriver driver) {
        this.driver = driver;
    }

    /** Opens a browser; where there is none the test is skipped, or fails if the environment demands the tests. */
    static Browser open(Path downloads) {
        Optional<File> chromium = find("CHROMIUM", "chromium", "chromium-browser", "google-chrome", "chrome");
        Optional<File> chromedriver = find("CHROMEDRIVER", "chromedriver");
        if (chromium.isEmpty() || chromedriver.isEmpty()) {
            String why = "there is no " + (chromium.isEmpty() ? "chromium" : "chromedriver")
                    + " on the PATH; on Debian: "
                    + "apt-get install chromium chromium-driver, then: mvn -Dtest=BrowserTest test";
            if ("required".equals(System.getenv("RETORT_BROWSER_TESTS"))) Assertions.fail(why);
            System.err.println("BrowserTest is skipped: " + why);
            Assumptions.abort(why);
        }
        LOG.setLevel(Level.SEVERE);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(chromium.get());
        options.addArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--hide-scrollbars", "--no-first-run", "--disable-background-networking", "--disable-component-update");
        options.setExperimentalOption("prefs", Map.of("download.default_directory", downloads.toString()));
        ChromeDriver driver = new ChromeDriver(
                new ChromeDriverService.Builder().usingDriverExecutable(chromedriver.get()).build(), options);
        driver.manage().timeouts().scriptTimeout(LONGEST).pageLoadTimeout(LONGEST);
        return new Browser(driver);
    }

    private static Optional<File> find(String variable, String... names) {
        Stream<File> named = Optional.ofNullable(System.getenv(variable)).map(File::new).stream();
        List<String> folders = List.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator));
        Stream<File> found = Arrays.stream(names)
                .flatMap(name -> folders.stream().map(folder -> new File(folder, name)));
        return Stream.concat(named, found).filter(file -> file.isFile() && file.canExecute()).findFirst();
    }

    private static String read(String resource) {
        try (InputStream in = Browser.class.getResourceAsStream(resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Shows the following pages at a size, and to a system that prefers a theme. */
    Browser at(int width, int height, String theme) {
        driver.executeCdpCommand("Emulation.setDeviceMetricsOverride", Map.of("width", width, "height", height,
                "deviceScaleFactor", 1, "mobile", false));
        driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features",
                List.of(Map.of("name", "prefers-color-scheme", "value", theme))));
        return this;
    }

    Browser go(String url) {
        driver.get(url);
        return this;
    }

    String url() {
        return driver.getCurrentUrl();
    }

    String source() {
        return driver.getPageSource();
    }

    /** The last visible element of a selector, once there is one. */
    WebElement last(String selector) {
        return new WebDriverWait(driver, LONGEST).ignoring(StaleElementReferenceException.class)
                .until(_ -> all(selector).stream().filter(WebElement::isDisplayed).reduce((_, last) -> last)
                        .orElse(null));
    }

    List<WebElement> all(String selector) {
        return driver.findElements(By.cssSelector(selector));
    }

    /** The texts of all elements of a selector. */
    List<String> texts(String selector) {
        return all(selector).stream().map(WebElement::getText).toList();
    }

    /** Waits until something is so. */
    void until(String what, BooleanSupplier isSo) {
        new WebDriverWait(driver, LONGEST).ignoring(StaleElementReferenceException.class)
                .withMessage(what).until(_ -> isSo.getAsBoolean());
    }

    /** Clicks as a person does, on what is seen. */
    void click(String selector) {
        WebElement element = last(selector);
        script("arguments[0].scrollIntoView({block: 'center'})", element);
        element.click();
    }

    /** Types keys wherever the focus is. */
    void press(CharSequence... keys) {
        driver.switchTo().activeElement().sendKeys(keys);
    }

    void type(String selector, CharSequence... keys) {
        last(selector).sendKeys(keys);
    }

    /** Says something in the talk, and waits for the answer. */
    void say(String text) {
        int before = all(".turn.bot:not(.waiting)").size();
        type("#say", text, Keys.ENTER);
        until("an answer to " + text, () -> all(".turn.bot:not(.waiting)").size() > before);
    }

    /** What has the focus, as its id or its classes. */
    String focused() {
        return (String) script("return document.activeElement.id || document.activeElement.className");
    }

    Object script(String script, Object... arguments) {
        return driver.executeScript(script, arguments);
    }

    /** Keeps a picture, and has nothing wider than the page and nothing that axe-core finds serious. */
    void look(String name) {
        try {
            Files.createDirectories(SCREENSHOTS);
            Files.write(SCREENSHOTS.resolve(name + ".png"),
                    driver.getScreenshotAs(org.openqa.selenium.OutputType.BYTES));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertEquals(true, script("return document.documentElement.scrollWidth <= innerWidth"),
                name + " is wider than the window");
        if (script("return typeof axe") instanceof String type && type.equals("undefined")) script(AXE);
        assertEquals(List.of(), driver.executeAsyncScript(SERIOUS), name);
    }

    @Override
    public void close() {
        driver.quit();
    }
}
