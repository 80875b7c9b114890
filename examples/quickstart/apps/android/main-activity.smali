# Shows res/layout/main.xml. It looks the layout up by name, because the ids aapt2 hands out are not known here.
.class public Ltest/acme/notes/MainActivity;
.super Landroid/app/Activity;

.method public constructor <init>()V
    .registers 1
    invoke-direct {p0}, Landroid/app/Activity;-><init>()V
    return-void
.end method

.method protected onCreate(Landroid/os/Bundle;)V
    .registers 6
    invoke-super {p0, p1}, Landroid/app/Activity;->onCreate(Landroid/os/Bundle;)V
    invoke-virtual {p0}, Ltest/acme/notes/MainActivity;->getResources()Landroid/content/res/Resources;
    move-result-object v0
    const-string v1, "main"
    const-string v2, "layout"
    const-string v3, "test.acme.notes"
    invoke-virtual {v0, v1, v2, v3}, Landroid/content/res/Resources;->getIdentifier(Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;)I
    move-result v0
    invoke-virtual {p0, v0}, Ltest/acme/notes/MainActivity;->setContentView(I)V
    return-void
.end method
