# One image with the three doors and `proofdesk`; docker-compose.yml starts each as a container of its own.
# The system packages of both stages are listed in scripts/setup and nowhere else.

FROM rust:1.95-bookworm AS build
WORKDIR /build
COPY rust-toolchain.toml ./
COPY scripts/setup scripts/toolchain scripts/
RUN scripts/setup run
COPY . .
RUN scripts/models models && scripts/front && cargo build --bins --release && mkdir -p site/pkg

FROM debian:bookworm-slim
WORKDIR /proofdesk
COPY scripts/setup scripts/
RUN scripts/setup image && rm -rf /var/lib/apt/lists && useradd --system --no-create-home proofdesk
COPY --from=build /build/target/release/backend /usr/local/bin/
COPY --from=build /build/target/release/worker /usr/local/bin/
COPY --from=build /build/target/release/reviewer-ui /usr/local/bin/
COPY --from=build /build/target/release/proofdesk /usr/local/bin/
COPY --from=build /build/site site
COPY --from=build /build/models models
ENV WORKER_MODELS=/proofdesk/models
COPY LICENSE NOTICE ./
USER proofdesk
