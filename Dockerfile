FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --locked --release

# Same Debian release as above, for the same glibc; no shell, no package manager.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /src/target/release/samsyn /usr/local/bin/samsyn
# nonroot, as a number: Kubernetes' runAsNonRoot cannot check a name.
USER 65532:65532
ENV SAMSYN_LISTEN=0.0.0.0:8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["samsyn", "health"]
ENTRYPOINT ["samsyn"]
CMD ["serve"]
