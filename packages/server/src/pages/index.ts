export { appPage } from "./app-page.tsx";
export { appsPage } from "./apps-page.tsx";
export { channelPage } from "./channel-page.tsx";
export { errorPage } from "./error-page.tsx";
export { invitationPage } from "./invitation-page.tsx";
export { releasePage } from "./release-page.tsx";
export { signInPage } from "./sign-in-page.tsx";
export { readVisit, rememberChoice } from "./visit.ts";
