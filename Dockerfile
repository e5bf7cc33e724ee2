# syntax=docker/dockerfile:1
FROM rust:1.95-bookworm AS build
# The commit it is built from, which the build cannot see: --build-arg SAMSYN_COMMIT=$(git rev-parse HEAD)
ARG SAMSYN_COMMIT
WORKDIR /src
COPY . .
# Dependencies are fetched and built once on a machine; what is built stands in the cache, so the program is copied out of it.
# By their times alone these sources may be older than another checkout's program there.
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/src/target,sharing=locked \
    touch build.rs src/lib.rs src/main.rs && cargo build --locked --release && cp target/release/samsyn /samsyn

# Same Debian release as above, for the same glibc; no shell, no package manager.
FROM gcr.io/distroless/cc-debian12:nonroot
ARG SAMSYN_COMMIT
LABEL org.opencontainers.image.title="Samsyn" \
      org.opencontainers.image.description="A registry that links development projects to a municipality's strategy, its stakeholders and its funders" \
      org.opencontainers.image.licenses="EUPL-1.2" \
      org.opencontainers.image.revision="$SAMSYN_COMMIT"
COPY --from=build /samsyn /usr/local/bin/samsyn
# nonroot, as a number: Kubernetes' runAsNonRoot cannot check a name.
USER 65532:65532
ENV SAMSYN_LISTEN=0.0.0.0:8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["samsyn", "health"]
ENTRYPOINT ["samsyn"]
CMD ["serve"]
