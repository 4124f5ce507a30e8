//! Chromium without a window.
pub struct Browser;
pub struct Screen;
