# syntax=docker/dockerfile:1

# --- the program -----------------------------------------------------------------------------------------------------
FROM rust:1.95-bookworm AS build
WORKDIR /build
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
COPY src src
COPY migrations migrations
COPY sql sql
COPY templates templates
COPY public public
# Migrations, texts, templates and the pages' files are built in. The caches make the second build short.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --release --locked --bin bannerline \
    && cp target/release/bannerline /usr/local/bin/bannerline

# --- what runs -------------------------------------------------------------------------------------------------------
FROM debian:bookworm-slim
# The certificates are for the health check's client, and for a MySQL or Redis that is reached over TLS.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin bannerline \
    && install --directory --owner=bannerline --group=bannerline /data
COPY --from=build /usr/local/bin/bannerline /usr/local/bin/bannerline

USER bannerline
WORKDIR /data
VOLUME /data
# Inside a container 127.0.0.1 is reached by nobody else. Publish the port to a proxy, not to the world.
ENV ROCKET_ADDRESS=0.0.0.0 \
    ROCKET_PORT=8000 \
    DATABASE_URL=sqlite:///data/bannerline.db
EXPOSE 8000
# A stop takes up to ten seconds: streams are told to reconnect, requests finish.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=20s --retries=3 CMD ["bannerline", "health"]
ENTRYPOINT ["bannerline"]
CMD ["serve"]
