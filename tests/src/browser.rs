//! A real Chromium without a window. Every page it looks at is judged by axe, at two widths, and kept as a picture.

use crate::wait::eventually;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

const AXE: &str = include_str!("../vendor/axe.min.js");

const FLAGS: [&str; 11] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
];

/// Judges the page as it stands; answers one line for each violation.
const JUDGE: &str = "const done = arguments[arguments.length - 1];
    axe.run(document, { resultTypes: ['violations'] }).then(
        found => done(found.violations.map(one => one.id + ': ' + one.help + ' ' + one.nodes.map(node => node.target).join(' '))),
        error => done(['axe failed: ' + error]));";

/// What can be pressed and lies beyond the right edge, where a page that does not scroll hides it.
const CUT_OFF: &str = "return [...document.querySelectorAll('button, a, summary')]
    .filter(one => !one.closest('.pd-scroll') && one.getBoundingClientRect().right > innerWidth + 1).map(one => one.innerText);";

/// A window size to look at pages in.
#[derive(Debug, Clone, Copy)]
pub enum Screen {
    Desk,
    /// The narrowest that WCAG 1.4.10 asks for.
    Phone,
}

/// Whether the browser reaches anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    There,
    Gone,
}

pub struct Browser {
    pub client: Client,
    driver: Driver,
    session: String,
    screenshots: PathBuf,
}

/// chromedriver and all it starts, as one process group.
struct Driver {
    child: Child,
    url: String,
    http: reqwest::Client,
    _profile: TempDir,
}

impl Browser {
    /// Starts a browser; pictures go to `screenshots`.
    pub async fn start(screenshots: &Path) -> Browser {
        std::fs::create_dir_all(screenshots).unwrap();
        let driver = Driver::start().await;
        let mut arguments: Vec<String> = FLAGS.map(str::to_owned).to_vec();
        arguments.push(format!("--user-data-dir={}", driver._profile.path().display()));
        let capabilities = json!({
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities.as_object().unwrap().clone())
            .connect(&driver.url)
            .await
            .unwrap();
        let session = client.session_id().await.unwrap().unwrap();
        let browser = Browser { client, driver, session, screenshots: screenshots.to_owned() };
        browser.look_through(Screen::Desk).await;
        browser
    }

    pub async fn visit(&self, address: &str) {
        self.client.goto(address).await.unwrap();
    }

    /// Waits until the page shows this text.
    pub async fn see(&self, text: &str) {
        eventually(&format!("the page shows “{text}”"), async || {
            let shown = self.client.execute("return document.body.innerText", vec![]).await.ok()?;
            shown.as_str()?.contains(text).then_some(())
        })
        .await;
    }

    /// Presses the button with this text.
    pub async fn press(&self, label: &str) {
        let path = format!("//button[normalize-space()='{label}']");
        self.client.find(Locator::XPath(&path)).await.unwrap().click().await.unwrap();
    }

    /// Presses the button whose face is a sign, by its name.
    pub async fn press_tool(&self, name: &str) {
        let css = format!("button[aria-label='{name}']");
        self.client.find(Locator::Css(&css)).await.unwrap().click().await.unwrap();
    }

    /// Chooses a radio or a checkbox by its name and value, as a click on its label does.
    pub async fn choose(&self, name: &str, value: &str) {
        let path = format!("//label[@for=//input[@name='{name}' and @value='{value}']/@id]");
        self.client.find(Locator::XPath(&path)).await.unwrap().click().await.unwrap();
    }

    /// Presses keys where the focus is, as a hand does.
    pub async fn keys(&self, keys: &str) {
        self.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// Presses Tab until the focus is inside what the selector names.
    pub async fn tab_into(&self, selector: &str) {
        const TABS_MAX: usize = 120;
        let inside = format!("return !!document.activeElement.closest({})", json!(selector));
        for _ in 0..TABS_MAX {
            if self.client.execute(&inside, vec![]).await.unwrap() == true {
                return;
            }
            self.keys("\u{e004}").await;
        }
        panic!("{selector} cannot be reached by Tab");
    }

    /// Goes to something by Tab alone, and presses a key on it.
    pub async fn tab_and_press(&self, selector: &str, key: &str) {
        self.tab_into(selector).await;
        self.keys(key).await;
    }

    /// Cuts the browser off from the network, or lets it back.
    pub async fn network(&self, network: Network) {
        let conditions = json!({ "offline": network == Network::Gone, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.ask("goog/cdp/execute", &json!({ "cmd": "Network.enable", "params": {} })).await;
        self.ask("goog/cdp/execute", &json!({ "cmd": "Network.emulateNetworkConditions", "params": conditions })).await;
    }

    /// Refuses every request to addresses with this part in them.
    pub async fn refuse(&self, part: &str) {
        let blocked = json!({ "cmd": "Network.setBlockedURLs", "params": { "urls": [format!("*{part}*")] } });
        self.ask("goog/cdp/execute", &json!({ "cmd": "Network.enable", "params": {} })).await;
        self.ask("goog/cdp/execute", &blocked).await;
    }

    /// Runs a script of ours in every page from here on, before its own.
    pub async fn before_each_page(&self, script: &str) {
        let added = json!({ "cmd": "Page.addScriptToEvaluateOnNewDocument", "params": { "source": script } });
        self.ask("goog/cdp/execute", &json!({ "cmd": "Page.enable", "params": {} })).await;
        self.ask("goog/cdp/execute", &added).await;
    }

    /// Lets the processor seem so many times slower to the page.
    pub async fn slow_down(&self, times: u32) {
        let rate = json!({ "cmd": "Emulation.setCPUThrottlingRate", "params": { "rate": times } });
        self.ask("goog/cdp/execute", &rate).await;
    }

    /// Forgets every file, as in a browser that was never here.
    pub async fn forget_files(&self) {
        self.ask("goog/cdp/execute", &json!({ "cmd": "Network.clearBrowserCache", "params": {} })).await;
    }

    /// Runs no script of any page from here on.
    pub async fn without_script(&self) {
        let off = json!({ "cmd": "Emulation.setScriptExecutionDisabled", "params": { "value": true } });
        self.ask("goog/cdp/execute", &off).await;
    }

    /// Lets the person prefer something, such as `prefers-color-scheme: dark`; nothing takes it back.
    pub async fn prefer(&self, feature: &str, value: &str) {
        let features = json!({ "features": [{ "name": feature, "value": value }] });
        self.ask("goog/cdp/execute", &json!({ "cmd": "Emulation.setEmulatedMedia", "params": features })).await;
    }

    pub async fn type_into(&self, id: &str, text: &str) {
        self.client.find(Locator::Id(id)).await.unwrap().send_keys(text).await.unwrap();
    }

    /// Judges the page at both widths and keeps a picture of each.
    ///
    /// # Panics
    /// When axe finds something, when the page scrolls sideways at 320 px, or when something broke the page's policy.
    pub async fn inspect(&self, name: &str) {
        self.client.execute(AXE, vec![]).await.unwrap();
        for screen in [Screen::Phone, Screen::Desk] {
            self.look_through(screen).await;
            let found = self.client.execute_async(JUDGE, vec![]).await.unwrap();
            self.picture_of(name, screen).await;
            assert_eq!(found, json!([]), "{name} at {screen:?}");
            let overflow = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
            let sideways = self.client.execute(overflow, vec![]).await.unwrap();
            assert_eq!(sideways, json!(0), "{name} scrolls sideways at {screen:?}");
            let cut_off = self.client.execute(CUT_OFF, vec![]).await.unwrap();
            assert_eq!(cut_off, json!([]), "{name} at {screen:?}: beyond the window's edge");
        }
        self.assert_policy_kept(name).await;
    }

    /// Keeps a picture of the page as it stands, without judging it.
    pub async fn picture(&self, name: &str) {
        self.picture_of(name, Screen::Desk).await;
    }

    /// The whole page, below the window too.
    async fn picture_of(&self, name: &str, screen: Screen) {
        let height = "return Math.min(document.documentElement.scrollHeight, 8000)";
        let height = self.client.execute(height, vec![]).await.unwrap();
        let clip = json!({ "x": 0, "y": 0, "width": screen.size().0, "height": height, "scale": 1 });
        let how = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let taken = self.ask("goog/cdp/execute", &json!({ "cmd": "Page.captureScreenshot", "params": how })).await;
        let bytes = STANDARD.decode(taken["data"].as_str().unwrap()).unwrap();
        std::fs::write(self.screenshots.join(format!("{name}-{}.png", screen.size().0)), bytes).unwrap();
    }

    /// Asks nothing of the page, only its size.
    async fn look_through(&self, screen: Screen) {
        let (width, height) = screen.size();
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.ask("goog/cdp/execute", &json!({ "cmd": "Emulation.setDeviceMetricsOverride", "params": metrics })).await;
    }

    async fn assert_policy_kept(&self, name: &str) {
        let log = self.ask("se/log", &json!({ "type": "browser" })).await;
        let lines = log.as_array().unwrap().iter().filter_map(|line| line["message"].as_str());
        let broken: Vec<&str> = lines
            .filter(|line| {
                line.contains("Content Security Policy")
                    || line.contains("Content-Security-Policy")
                    || line.contains("panicked")
            })
            .collect();
        assert!(broken.is_empty(), "{name}: {broken:?}");
    }

    /// What chromedriver adds to WebDriver.
    async fn ask(&self, command: &str, body: &Value) -> Value {
        let address = format!("{}/session/{}/{command}", self.driver.url, self.session);
        let answer: Value = self.driver.http.post(address).json(body).send().await.unwrap().json().await.unwrap();
        answer["value"].clone()
    }

    pub async fn close(self) {
        self.client.clone().close().await.unwrap();
    }
}

impl Screen {
    fn size(self) -> (u32, u32) {
        match self {
            Screen::Desk => (1366, 768),
            Screen::Phone => (320, 640),
        }
    }
}

impl Driver {
    async fn start() -> Driver {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let child = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("chromium-driver must be installed: {error}"));
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let profile = TempDir::with_prefix("proofdesk-browser-").unwrap();
        let driver = Driver { child, url: format!("http://127.0.0.1:{port}"), http, _profile: profile };
        let status = format!("{}/status", driver.url);
        eventually("chromedriver answers", async || driver.http.get(&status).send().await.ok()).await;
        driver
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let group = i32::try_from(self.child.id()).unwrap();
        // SAFETY: kill takes two integers; the group is the one that was made for this child.
        unsafe { libc::kill(-group, libc::SIGKILL) };
        let _gone = self.child.wait();
    }
}
