# node known-answers/write-treatment-rows.ts > rows.csv ; Rscript known-answers/generated-treatment.R rows.csv SHA256 > known-answers/generated-treatment.json
#
# Hospitals are dummy columns of every model here, and stacked equations are written with all coefficients: nothing is profiled out.
suppressMessages({ library(survival); library(survey) })
d <- read.csv(commandArgs(TRUE)[1])
number <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ","), "]")
n <- nrow(d); A <- d$treated
tight <- glm.control(epsilon = 1e-15, maxit = 100)
out <- list()
put <- function(name, x) out[[name]] <<- number(x)

stack <- function(psi, den, S, I, D) {                       # influence of ratios Σ num / Σ den under a model with scores S and information I
  h <- psi + S %*% solve(I, D)
  list(se = h, covariance = crossprod(sweep(h, 2, den, "/")))
}
check <- function(f, at, D) {                                  # analytic D against central differences of the summed equations
  numeric <- sapply(seq_along(at), function(j) { e <- 1e-5 * max(1, abs(at[j])); up <- down <- at; up[j] <- up[j] + e; down[j] <- down[j] - e; (f(up) - f(down)) / (2 * e) })
  numeric <- matrix(numeric, ncol = length(at))
  stopifnot(max(abs(numeric - t(D)) / (1 + abs(t(D)))) < 1e-4)
}
X <- model.matrix(~ age + severity + diabetes + factor(stage) + factor(site), d)
scale_x <- function(X) { s <- apply(X, 2, sd); s[1] <- 1; sweep(X, 2, s, "/") }
X <- scale_x(X); S0 <- sapply(list(d$age, d$severity, d$diabetes, d$stage == 1, d$stage == 2), sd)
fit <- glm(A ~ X - 1, family = binomial, control = tight)
g <- coef(fit); e <- as.vector(plogis(X %*% g)); w2 <- e * (1 - e)
I <- crossprod(X * w2, X); S <- X * (A - e)
put("propensity.coefficients", g[2:6] / S0)
put("propensity.standardErrors", sqrt(diag(solve(I)))[2:6] / S0)
put("propensity.logLikelihood", sum(dbinom(A, 1, e, log = TRUE)))
put("propensity.ends", range(e))

weight <- function(eta, estimand, t = 0) {
  p <- plogis(eta); if (t > 0 && estimand != "ato") p <- pmin(pmax(p, t), 1 - t)
  switch(estimand, ate = ifelse(A == 1, 1 / p, 1 / (1 - p)), att = ifelse(A == 1, 1, p / (1 - p)), ato = ifelse(A == 1, 1 - p, p))
}
slope <- function(eta, estimand, t = 0) {
  p <- plogis(eta); moves <- !(t > 0 & estimand != "ato" & (p < t | p > 1 - t)); o <- exp(eta)
  moves * switch(estimand, ate = ifelse(A == 1, -1 / o, o), att = ifelse(A == 1, 0, o), ato = ifelse(A == 1, -1, 1) * p * (1 - p))
}
eta <- as.vector(X %*% g)
means <- function(y, estimand, t = 0, keep = rep(TRUE, n)) {
  w <- weight(eta, estimand, t); ws <- slope(eta, estimand, t)
  arms <- cbind((A == 0) & keep, (A == 1) & keep) * 1
  m <- colSums(arms * w * y) / colSums(arms * w)
  psi <- arms * w * outer(y, m, "-"); D <- t(X) %*% (arms * ws * outer(y, m, "-"))
  if (t == 0) check(function(b) colSums(arms * weight(as.vector(X %*% b), estimand, t) * outer(y, m, "-")), g, D)
  den <- colSums(arms * w)
  list(m = m, covariance = stack(psi, den, S, I, D)$covariance, h = sweep(psi + S %*% solve(I, D), 2, den, "/"))
}
contrast <- function(found, kind) {
  m <- found$m; l <- switch(kind, difference = c(-1, 1), ratio = c(-1 / m[1], 1 / m[2]), odds = c(-1, 1) / (m * (1 - m)))
  est <- switch(kind, difference = m[2] - m[1], ratio = log(m[2] / m[1]), odds = qlogis(m[2]) - qlogis(m[1]))
  c(est, sqrt(drop(t(l) %*% found$covariance %*% l)))
}
fixed <- function(y, w, family) {
  design <- svydesign(ids = ~1, weights = ~w, data = data.frame(y = y, A = A, w = w))
  m <- svyglm(y ~ A, design = design, family = family, control = tight)
  c(coef(m)[2], sqrt(vcov(m)[2, 2]))
}
for (case in list(c("ate", 0), c("att", 0), c("ate", 0.2), c("ato", 0))) {
  estimand <- case[1]; t <- as.numeric(case[2]); w <- weight(eta, estimand, t)
  name <- if (t > 0) paste0(estimand, ".truncated") else estimand
  b <- means(d$y, estimand, t)
  put(paste0(name, ".means"), c(b$m, sqrt(diag(b$covariance))))
  put(paste0(name, ".odds"), c(contrast(b, "odds"), fixed(d$y, w, quasibinomial)))
  put(paste0(name, ".ratio"), c(contrast(b, "ratio"), fixed(d$y, w, quasipoisson)))
  put(paste0(name, ".difference"), c(contrast(b, "difference"), fixed(d$y, w, gaussian)))
  put(paste0(name, ".score"), c(contrast(means(d$score, estimand, t), "difference"), fixed(d$score, w, gaussian)))
  put(paste0(name, ".visits"), c(contrast(means(d$visits, estimand, t), "ratio"), fixed(d$visits, w, quasipoisson)))
}
# balance: difference of weighted means over the unweighted pooled deviation
Z <- cbind(d$age, d$severity, d$diabetes, d$stage == 1, d$stage == 2) * 1
pooled <- sqrt((apply(Z[A == 1, ], 2, var) + apply(Z[A == 0, ], 2, var)) / 2)
smd <- function(w) (colSums(Z * A * w) / sum(A * w) - colSums(Z * (1 - A) * w) / sum((1 - A) * w)) / pooled
put("balance.unweighted", smd(rep(1, n))); put("balance.ate", smd(weight(eta, "ate"))); put("balance.ato", smd(weight(eta, "ato")))
ess <- function(w) sapply(0:1, function(a) sum(w[A == a])^2 / sum(w[A == a]^2))
put("effective.ate", ess(weight(eta, "ate"))); put("effective.ato", ess(weight(eta, "ato")))

# outcome regression on treatment, columns and their products, hospitals as dummies
own <- 2:6
columns <- function(a) cbind(X, a, a * X[, own])
family_of <- list(y = binomial, score = gaussian, visits = poisson)
for (outcome in names(family_of)) {
  y <- d[[outcome]]; family <- family_of[[outcome]]()
  m <- suppressWarnings(glm(y ~ columns(A) - 1, family = family, control = tight)); b <- coef(m)
  mu <- as.vector(family$linkinv(columns(A) %*% b)); v <- family$mu.eta(as.vector(columns(A) %*% b))
  J <- crossprod(columns(A) * v, columns(A)); R <- columns(A) * (y - mu)
  kind <- switch(outcome, y = "odds", score = "difference", visits = "ratio")
  for (estimand in c("ate", "att")) {
    target <- if (estimand == "ate") rep(1, n) else A
    pred <- sapply(0:1, function(a) family$linkinv(as.vector(columns(a) %*% b)))
    grad <- sapply(0:1, function(a) colSums(columns(a) * target * family$mu.eta(as.vector(columns(a) %*% b))))
    gm <- colSums(pred * target) / sum(target)
    check(function(q) colSums(target * (sapply(0:1, function(a) family$linkinv(as.vector(columns(a) %*% q))) - rep(gm, each = n))), b, grad)
    gc <- stack(target * sweep(pred, 2, gm), rep(sum(target), 2), R, J, grad)
    put(paste("g-computation", estimand, outcome, sep = "."), c(gm, contrast(list(m = gm, covariance = gc$covariance), kind)))
    w <- weight(eta, estimand)
    phi <- if (estimand == "ate") sapply(0:1, function(a) pred[, a + 1] + (A == a) * w * (y - pred[, a + 1])) else
      cbind(A * pred[, 1] + (1 - A) * w * (y - pred[, 1]), A * y)
    am <- colSums(phi) / sum(target)
    ac <- crossprod((phi - outer(target, am)) / sum(target))
    put(paste("aipw", estimand, outcome, sep = "."), c(am, contrast(list(m = am, covariance = ac), kind)))
  }
}

# survival: weighted Cox within hospitals, Breslow's ties; weighted Kaplan-Meier
share <- mean(A)
for (estimand in c("ate", "ato")) {
  w <- weight(eta, estimand) * if (estimand == "ate") ifelse(A == 1, share, 1 - share) else 1
  ws <- slope(eta, estimand) * if (estimand == "ate") ifelse(A == 1, share, 1 - share) else 1
  cox <- coxph(Surv(days, event) ~ treated + strata(site), d, weights = w, robust = TRUE, ties = "breslow", control = coxph.control(eps = 1e-14, toler.chol = 1e-15))
  L <- residuals(cox, type = "score", weighted = FALSE)
  h <- (w * L + S %*% solve(I, t(X) %*% (ws * L))) * cox$naive.var[1, 1]
  put(paste0("cox.", estimand), c(coef(cox), sqrt(sum(h^2)), sqrt(cox$var[1, 1])))
  at <- c(90, 365, 730)
  for (a in 0:1) {
    km <- summary(survfit(Surv(days, event) ~ 1, d[A == a, ], weights = w[A == a]), times = at)$surv
    times <- sort(unique(d$days[A == a & d$event == 1]))
    sets <- sapply(times, function(u) { r <- A == a & d$days >= u; c(sum(w[r & d$days == u & d$event == 1]), sum(w[r]), sum(w[r]^2)) })
    s <- 1 - sets[1, ] / sets[2, ]; M <- sets[2, ]^2 / sets[3, ]
    se <- sapply(at, function(u) { k <- times <= u; prod(s[k]) * sqrt(sum((1 - s[k]) / (M[k] * s[k]))) })
    put(paste0("kaplan-meier.", estimand, ".", a), c(km, se))
  }
}

# effects by sex, and their Wald test
both <- lapply(0:1, function(f) means(d$y, "ate", 0, d$female == f))
H <- cbind(both[[1]]$h, both[[2]]$h)
effects <- sapply(both, function(b) contrast(b, "odds")[1])
l <- as.vector(sapply(1:2, function(k) c(-1, 1) * c(-1, 1)[k] / (both[[k]]$m * (1 - both[[k]]$m))))
chisq <- diff(effects)^2 / drop(t(l) %*% crossprod(H) %*% l)
put("subgroup", c(effects, sapply(both, function(b) contrast(b, "odds")[2]), chisq, pchisq(chisq, 1, lower.tail = FALSE)))

# hazard ratios by sex
w <- weight(eta, "ate") * ifelse(A == 1, share, 1 - share); ws <- slope(eta, "ate") * ifelse(A == 1, share, 1 - share)
byLevel <- lapply(0:1, function(f) {
  k <- d$female == f
  cox <- coxph(Surv(days, event) ~ treated + strata(site), d[k, ], weights = w[k], robust = TRUE, ties = "breslow", control = coxph.control(eps = 1e-14, toler.chol = 1e-15))
  L <- rep(0, n); L[k] <- residuals(cox, type = "score", weighted = FALSE)
  list(b = coef(cox), h = (w * L + S %*% solve(I, t(X) %*% (ws * L))) * cox$naive.var[1, 1])
})
H <- cbind(byLevel[[1]]$h, byLevel[[2]]$h); b <- c(byLevel[[1]]$b, byLevel[[2]]$b)
chisq <- diff(b)^2 / drop(c(-1, 1) %*% crossprod(H) %*% c(-1, 1))
put("subgroup.cox", c(b, sqrt(colSums(H^2)), chisq, pchisq(chisq, 1, lower.tail = FALSE)))

# negative controls: odds ratios, and the null distribution of greatest likelihood
controls <- sapply(paste0("c", 1:5), function(k) contrast(means(d[[k]], "ate"), "odds"))
put("controls", as.vector(controls))
nll <- function(p) -sum(dnorm(controls[1, ], p[1], sqrt(exp(2 * p[2]) + controls[2, ]^2), log = TRUE))
best <- list(value = Inf)
for (start in c(-6, -3, -1)) { try <- optim(c(mean(controls[1, ]), start), nll, method = "BFGS", control = list(reltol = 1e-15, maxit = 1000)); if (try$value < best$value) best <- try }
spread <- c(0.62, 0.11, 0.45, 0.9, -0.2, 0.33); error <- c(0.2, 0.25, 0.15, 0.3, 0.2, 0.1)
nll2 <- function(p) -sum(dnorm(spread, p[1], sqrt(exp(2 * p[2]) + error^2), log = TRUE))
wide <- optim(c(0.3, -1), nll2, method = "BFGS", control = list(reltol = 1e-16, maxit = 1000))
put("null.value", c(best$value, wide$value)); put("null.wide", c(wide$par[1], exp(wide$par[2])))

cat("{\n")
cat(sprintf(' "oracle": "R %s.%s, survival %s, survey %s: glm, svyglm, coxph(robust), survfit; stacked equations, AIPW, G-computation, Xie-Liu variance and null distribution written out in the script",\n', R.version$major, R.version$minor, packageVersion("survival"), packageVersion("survey")))
cat(' "call": "node known-answers/write-treatment-rows.ts > rows.csv; Rscript known-answers/generated-treatment.R rows.csv SHA256",\n')
cat(' "citation": "Lunceford & Davidian 2004; Stefanski & Boos 2002; Li, Morgan & Zaslavsky 2018; Lin & Wei 1989; Binder 1992; Shu et al. 2021; Xie & Liu 2005; Schuemie et al. 2014",\n')
cat(sprintf(' "csvSha256": "%s",\n', commandArgs(TRUE)[2]))
cat(' "tolerance": "estimates 1e-8 max(|estimate|, SE), standard errors 1e-8 relative; survival 1e-10; null distribution 1e-5, as far as optim goes",\n')
cat(paste0(' "', names(out), '": ', unlist(out)), sep = ",\n")
cat("\n}\n")
