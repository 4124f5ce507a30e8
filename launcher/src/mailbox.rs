//! The mailbox page of the embedded default: every letter as it was sent. It exists only beside the maildir.

use actix_web::dev::Server;
use actix_web::http::header::ContentType;
use actix_web::{App, HttpResponse, HttpServer, Responder, web};
use mailparse::{MailHeaderMap, ParsedMail};
use std::net::TcpListener;
use std::path::PathBuf;
use worker::mail::{Maildir, ReadLetter};

/// The page is ours and plain; a letter's HTML is shown in a frame that may do nothing.
const PAGE_CSP: &str =
    "default-src 'none'; style-src 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'";
const LETTER_CSP: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox";
const STYLE: &str = "body{font:1rem/1.5 Arial,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;color:#212b32;background:#f0f4f5}\
    a{color:#0b5d66}a:focus-visible{outline:3px solid #212b32;background:#ffeb3b}\
    table{border-collapse:collapse;width:100%;background:#fff}th,td{text-align:left;padding:.5rem;border-bottom:1px solid #d8dde0;overflow-wrap:anywhere}\
    pre{white-space:pre-wrap;background:#fff;padding:1rem}iframe{width:100%;height:40rem;border:1px solid #d8dde0;background:#fff}";

pub fn server(maildir: PathBuf, listener: TcpListener) -> std::io::Result<Server> {
    let directory = web::Data::new(maildir);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(directory.clone())
            .route("/", web::get().to(list))
            .route("/style.css", web::get().to(style))
            .route("/letters/{name}", web::get().to(show))
            .route("/letters/{name}/html", web::get().to(html))
    });
    Ok(server.workers(1).disable_signals().listen(listener)?.run())
}

async fn list(directory: web::Data<PathBuf>) -> impl Responder {
    let Ok(letters) = read(&directory) else { return unreadable() };
    let rows: String = letters.iter().filter_map(row).collect();
    let table = if rows.is_empty() {
        "<p>No letters yet. One arrives when a decision's undo window has closed.</p>".to_owned()
    } else {
        format!(
            "<table><caption>Newest first</caption><thead><tr><th scope=\"col\">Subject</th>\
             <th scope=\"col\">To</th><th scope=\"col\">Date</th></tr></thead><tbody>{rows}</tbody></table>"
        )
    };
    page("Mailbox", &format!("<h1>Mailbox</h1><p>Every letter this system has sent.</p>{table}"))
}

async fn show(directory: web::Data<PathBuf>, name: web::Path<String>) -> impl Responder {
    let found = read(&directory).ok().and_then(|letters| letters.into_iter().find(|letter| letter.name == *name));
    let Some(letter) = found else { return HttpResponse::NotFound().body("There is no such letter.") };
    let Ok(mail) = mailparse::parse_mail(&letter.raw) else { return unreadable() };
    let header = |name: &str| escape(&mail.headers.get_first_value(name).unwrap_or_default());
    let headers: String = ["From", "To", "Subject", "Date", "Message-ID"]
        .iter()
        .map(|name| format!("<tr><th scope=\"row\">{name}</th><td>{}</td></tr>", header(name)))
        .collect();
    let text = body(&mail, "text/plain").unwrap_or_default();
    let body = format!(
        "<p><a href=\"/\">All letters</a></p><h1>{}</h1><table>{headers}</table>\
         <h2>As HTML</h2><iframe title=\"The letter as HTML\" src=\"/letters/{}/html\"></iframe>\
         <h2>As text</h2><pre tabindex=\"0\">{}</pre>",
        header("Subject"),
        escape(&letter.name),
        escape(&text)
    );
    page("Letter", &body)
}

async fn html(directory: web::Data<PathBuf>, name: web::Path<String>) -> impl Responder {
    let found = read(&directory).ok().and_then(|letters| letters.into_iter().find(|letter| letter.name == *name));
    let html = found.and_then(|letter| body(&mailparse::parse_mail(&letter.raw).ok()?, "text/html"));
    match html {
        Some(html) => HttpResponse::Ok()
            .insert_header(("content-security-policy", LETTER_CSP))
            .insert_header(("x-content-type-options", "nosniff"))
            .content_type(ContentType::html())
            .body(html),
        None => HttpResponse::NotFound().body("There is no such letter."),
    }
}

async fn style() -> impl Responder {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").body(STYLE)
}

fn row(letter: &ReadLetter) -> Option<String> {
    let mail = mailparse::parse_mail(&letter.raw).ok()?;
    let header = |name: &str| escape(&mail.headers.get_first_value(name).unwrap_or_default());
    Some(format!(
        "<tr><td><a href=\"/letters/{}\">{}</a></td><td>{}</td><td>{}</td></tr>",
        escape(&letter.name),
        header("Subject"),
        header("To"),
        header("Date")
    ))
}

fn read(directory: &web::Data<PathBuf>) -> std::io::Result<Vec<ReadLetter>> {
    Maildir::open(directory, None)?.letters()
}

fn body(mail: &ParsedMail<'_>, kind: &str) -> Option<String> {
    let part = mail.parts().find(|part| part.ctype.mimetype == kind)?;
    part.get_body().ok()
}

fn unreadable() -> HttpResponse {
    HttpResponse::InternalServerError().body("The mailbox cannot be read.")
}

fn page(title: &str, body: &str) -> HttpResponse {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title} – Proofdesk</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"stylesheet\" href=\"/style.css\"></head><body><main>{body}</main></body></html>"
    );
    HttpResponse::Ok()
        .insert_header(("content-security-policy", PAGE_CSP))
        .insert_header(("x-content-type-options", "nosniff"))
        .insert_header(("cache-control", "no-store"))
        .content_type(ContentType::html())
        .body(html)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
